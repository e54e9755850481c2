namespace Postoffice.Ingestion;

/// <summary>How messages are taken in: section <c>Postoffice:Ingestion</c>.</summary>
public sealed class IngestionOptions
{
    /// <summary>The most messages that one commit may hold.</summary>
    /// <value>1,000; 1 to 10,000. A single bulk request of up to 3,000 is committed as one all the same.</value>
    public int MaxBatchMessages { get; set; } = 1_000;

    /// <summary>How many bytes (payloads, attributes, and 256 for each message) may wait to be written before publishes are refused with <see cref="OverloadedException"/>.</summary>
    /// <value>64 MiB; at least 32 MiB, the size of one large bulk request.</value>
    public long MaxPendingBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How often staged messages are looked for that another node or an application's transaction wrote.</summary>
    /// <value>1 second; 10 milliseconds to 1 minute.</value>
    public TimeSpan RelayInterval { get; set; } = TimeSpan.FromSeconds(1);
}
