using Npgsql;
using Postoffice.Messages;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>The messages of an append, column by column: an array each, as <c>unnest</c> takes them.</summary>
internal sealed class MessageColumns
{
    private readonly ReadOnlyMemory<byte>[] _payloads;
    private readonly string?[] _attributes;
    private readonly string?[] _orderingKeys;
    private readonly string?[] _contentTypes;
    private readonly string?[] _traceParents;
    private readonly string?[] _idempotencyKeys;
    private readonly int[] _requests;

    public MessageColumns(IReadOnlyList<AppendRequest> requests)
    {
        var count = requests.Sum(request => request.Messages.Count);
        Ids = new Guid[count];
        _payloads = new ReadOnlyMemory<byte>[count];
        _attributes = new string?[count];
        _orderingKeys = new string?[count];
        _contentTypes = new string?[count];
        _traceParents = new string?[count];
        _idempotencyKeys = new string?[count];
        _requests = new int[count];

        var row = 0;
        for (var request = 0; request < requests.Count; request++)
        {
            if (requests[request].IdempotencyKey is { } key)
            {
                Keys.Add(key);
                KeyRequests.Add(request);
            }

            foreach (var message in requests[request].Messages)
            {
                Set(row++, message, request);
            }
        }
    }

    public Guid[] Ids { get; }

    /// <summary>The idempotency keys of the requests that bear one.</summary>
    public List<string> Keys { get; } = [];

    /// <summary>The place of each such request among the requests.</summary>
    public List<int> KeyRequests { get; } = [];

    public NpgsqlParameter[] ToParameters() =>
    [
        Of("ids", Ids), Of("payloads", _payloads), Of("attributes", _attributes), Of("ordering_keys", _orderingKeys), Of("content_types", _contentTypes),
        Of("traceparents", _traceParents),
    ];

    public NpgsqlParameter[] ToKeyParameters() =>
    [
        Of("keys", [.. Keys]), Of("key_requests", KeyRequests.ToArray()), Of("idempotency_keys", _idempotencyKeys), Of("requests", _requests),
    ];

    private void Set(int row, NewMessage message, int request)
    {
        Ids[row] = message.Id;
        _payloads[row] = message.Payload;
        _attributes[row] = message.Attributes.ToJson();
        _orderingKeys[row] = message.OrderingKey;
        _contentTypes[row] = message.ContentType;
        _traceParents[row] = message.TraceParent;
        _idempotencyKeys[row] = message.IdempotencyKey;
        _requests[row] = request;
    }
}
