namespace Postoffice.Diagnostics;

/// <summary>The numbers of all log events: a hundred a room.</summary>
internal static class EventIds
{
    // Start, storage
    public const int StorageReady = 100;
    public const int StorageWaiting = 101;
    public const int SettingsRefused = 102;

    // Ingestion
    public const int AppendFailed = 200;
    public const int RelayFailed = 201;
    public const int Relayed = 202;

    // Pipeline
    public const int PipelineStarted = 300;
    public const int PipelineStopped = 301;
    public const int PipelineLost = 302;
    public const int ProducerReadFailed = 303;
    public const int SettleFailed = 304;
    public const int AttemptFailed = 305;
    public const int TransportFailed = 306;
    public const int PublisherPaused = 307;
    public const int NoTransport = 308;
    public const int PollFailed = 309;
    public const int DrainTimedOut = 310;
    public const int PipelineFailed = 311;

    // Cluster
    public const int LeaseRoundFailed = 400;
    public const int ReleaseFailed = 401;
    public const int NodeStarted = 402;

    // REST API
    public const int RequestFailed = 600;
    public const int RequestRefused = 601;
}
