namespace Postoffice.Transports.Http;

/// <summary>How HTTP targets are called: section <c>Postoffice:Http</c>. What differs from publisher to publisher stands in its settings.</summary>
public sealed class HttpTransportOptions
{
    internal const string SectionName = "Postoffice:Http";

    /// <summary>How long connecting may take: name resolution, TCP and TLS. The publisher's timeout covers it too; the shorter one decides.</summary>
    /// <value>5 seconds; 100 milliseconds to 2 minutes.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection is used before it is replaced, so that a change of a target's addresses is noticed.</summary>
    /// <value>2 minutes; 1 second to 1 day.</value>
    public TimeSpan PooledConnectionLifetime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How much of an answer's body is read so that its connection can be used again; the connection of a longer one is dropped.</summary>
    /// <value>65,536 bytes (64 KiB); 0 bytes to 16 MiB.</value>
    public int MaxResponseBytes { get; set; } = 64 * 1024;

    /// <summary>How much of a refusal is kept as the attempt's error text. Bytes in UTF-8, status included.</summary>
    /// <value>4,096 bytes (4 KiB); 128 to 4,096 bytes.</value>
    public int MaxErrorBytes { get; set; } = 4 * 1024;
}
