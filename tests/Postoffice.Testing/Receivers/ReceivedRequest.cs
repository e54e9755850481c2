namespace Postoffice.Testing.Receivers;

/// <summary>A request as it came over the wire.</summary>
public sealed class ReceivedRequest
{
    /// <summary>1 for the first request, in order of arrival.</summary>
    public required int Number { get; init; }

    public required string Method { get; init; }

    /// <summary>Path and query as they stood in the request line.</summary>
    public required string Path { get; init; }

    /// <summary>Names without case; a header that came several times has its values joined by <c>, </c>.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required byte[] Body { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The same for requests over one connection.</summary>
    public required string ConnectionId { get; init; }

    public string? MessageId => Headers.GetValueOrDefault("message-id");
}
