namespace Postoffice.Testing.Receivers;

/// <summary>Which messages a receiver has seen, and how often. Small enough for a million of them.</summary>
public sealed class ReceiverLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _seen = [];
    private long _requests;
    private long _anonymous;

    /// <summary>How many different messages came.</summary>
    public int Distinct { get { lock (_gate) { return _seen.Count; } } }

    /// <summary>How many requests came that bore a message that had come before.</summary>
    public long Repeats { get { lock (_gate) { return _requests - _anonymous - _seen.Count; } } }

    /// <summary>How many requests bore no message id that can be read.</summary>
    public long Anonymous { get { lock (_gate) { return _anonymous; } } }

    /// <summary>The ids of all messages that came.</summary>
    public IReadOnlySet<Guid> Ids { get { lock (_gate) { return _seen.Keys.ToHashSet(); } } }

    public void Record(string? messageId)
    {
        lock (_gate)
        {
            _requests++;
            if (!Guid.TryParse(messageId, out var id))
            {
                _anonymous++;
                return;
            }

            _seen[id] = _seen.GetValueOrDefault(id) + 1;
        }
    }

    /// <summary>How often the message came; 0 when it never did.</summary>
    public int TimesSeen(Guid id)
    {
        lock (_gate)
        {
            return _seen.GetValueOrDefault(id);
        }
    }

    /// <summary>Those of <paramref name="expected"/> that never came.</summary>
    public IReadOnlyList<Guid> Missing(IEnumerable<Guid> expected)
    {
        lock (_gate)
        {
            return [.. expected.Where(id => !_seen.ContainsKey(id))];
        }
    }

    /// <summary>Those that came though nobody published them.</summary>
    public IReadOnlyList<Guid> Unexpected(IEnumerable<Guid> expected)
    {
        var known = expected.ToHashSet();
        lock (_gate)
        {
            return [.. _seen.Keys.Where(id => !known.Contains(id))];
        }
    }
}
