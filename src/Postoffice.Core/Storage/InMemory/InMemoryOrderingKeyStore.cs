using System.Text;
using Postoffice.Deliveries;

namespace Postoffice.Storage.InMemory;

/// <summary>The lines behind ordering keys, in memory.</summary>
internal sealed class InMemoryOrderingKeyStore(InMemoryDatabase database) : IOrderingKeyStore
{
    public Task<IReadOnlyList<KeyLine>> ReadLinesAsync(long topicId, long publisherId, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<KeyLine>>(database.FindPublisher(topicId, publisherId) is { } row ? [.. Lines(row)] : []);
        }
    }

    public Task<IReadOnlyList<DueDelivery>> ReadLineAsync(
        long topicId, long publisherId, IReadOnlyCollection<string> keys, IReadOnlyCollection<long> except, int maxPerKey, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(topicId, publisherId) is not { } row)
            {
                return Task.FromResult<IReadOnlyList<DueDelivery>>([]);
            }

            var topic = database.Topics[topicId];
            return Task.FromResult<IReadOnlyList<DueDelivery>>([.. keys.Distinct(StringComparer.Ordinal)
                .Order(ByteOrder.Instance)
                .SelectMany(key => row.Parked.Where(parked => parked.Value.OrderingKey == key && !except.Contains(parked.Key)).Take(maxPerKey))
                .Select(parked => new DueDelivery(topic.At(parked.Key), parked.Value.Attempts))]);
        }
    }

    public Task DissolveAsync(long topicId, long publisherId, long epoch, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindPublisher(topicId, publisherId) is { } row && row.Epoch == epoch)
            {
                var now = database.Now();
                foreach (var (position, parked) in row.Parked.Where(parked => parked.Value.DueAt is null).ToList())
                {
                    row.Parked[position] = parked with { DueAt = now };
                }
            }

            return Task.CompletedTask;
        }
    }

    public Task<IReadOnlyList<BlockedKey>> ListAsync(long topicId, long publisherId, string? after, int limit, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<BlockedKey>>(database.FindPublisher(topicId, publisherId) is { } row
                ? [.. Lines(row).Where(line => after is null || ByteOrder.Instance.Compare(line.Key, after) > 0).Take(limit).Select(line => Blocked(row, line))]
                : []);
        }
    }

    public Task<BlockedKey?> FindAsync(long topicId, long publisherId, string key, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.FindPublisher(topicId, publisherId) is { } row
                ? Lines(row).Where(line => line.Key == key).Select(line => Blocked(row, line)).FirstOrDefault()
                : null);
        }
    }

    /// <returns>The keys that are held up, in order.</returns>
    private static IEnumerable<KeyLine> Lines(PublisherRow row)
    {
        var parked = row.Parked.Where(parked => parked.Value.OrderingKey is not null).ToLookup(parked => parked.Value.OrderingKey!, StringComparer.Ordinal);
        var blocking = row.Dead.Values.Where(dead => dead.Entry is { BlocksKey: true, OrderingKey: not null })
            .ToLookup(dead => dead.Entry.OrderingKey!, dead => dead.Entry.Position, StringComparer.Ordinal);
        return parked.Select(line => line.Key).Union(blocking.Select(line => line.Key), StringComparer.Ordinal).Order(ByteOrder.Instance).Select(key =>
        {
            var rows = parked[key].ToList();
            var dead = blocking[key].DefaultIfEmpty(long.MaxValue).Min();
            return rows.Count == 0 || dead < rows[0].Key
                ? new KeyLine(key, dead, KeyHead.Dead, rows.Count)
                : new KeyLine(key, rows[0].Key, rows[0].Value.DueAt is null ? KeyHead.Free : KeyHead.Parked, rows.Count);
        });
    }

    private BlockedKey Blocked(PublisherRow row, KeyLine line)
    {
        var head = new BlockedKey
        {
            Key = line.Key,
            HeadPosition = line.Head,
            HeadMessageId = database.Topics[row.Publisher.TopicId].At(line.Head).Id,
            IsDead = line.Kind == KeyHead.Dead,
            Attempts = 0,
            Reason = "",
            Waiting = line.Kind == KeyHead.Dead ? line.Rows : line.Rows - 1,
        };
        if (head.IsDead)
        {
            var dead = row.Dead[line.Head].Entry;
            return head with { Attempts = dead.Attempts, Reason = dead.Reason };
        }

        var parked = row.Parked[line.Head];
        return head with { Attempts = parked.Attempts, DueAt = parked.DueAt, Reason = parked.Reason };
    }

    /// <summary>By the bytes of UTF-8, as the other stores compare: beyond the basic plane the order of UTF-16 is another.</summary>
    private sealed class ByteOrder : IComparer<string>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
