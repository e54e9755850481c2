namespace Postoffice.Diagnostics;

/// <summary>The numbers of all log events: a hundred a room.</summary>
internal static class EventIds
{
    // Start, storage
    public const int StorageReady = 100;
    public const int StorageWaiting = 101;
    public const int StorageRefused = 102;

    // Ingestion
    public const int Relayed = 202;

    // Pipeline
    public const int PipelineStarted = 300;
    public const int PipelineStopped = 301;
    public const int PipelineLost = 302;
    public const int SettlerFailed = 303;
    public const int AttemptFailed = 305;
    public const int TransportFailed = 306;
    public const int PublisherPaused = 307;
    public const int CannotRun = 308;
    public const int DrainTimedOut = 310;
    public const int PipelineFailed = 311;
    public const int OwnFault = 312;
    public const int OwnFaultOver = 313;

    // Any loop that goes on through an outage
    public const int Failing = 400;
    public const int WorksAgain = 401;

    // REST API
    public const int RequestFailed = 600;
    public const int RequestRefused = 601;
    public const int TestFailed = 602;
}
