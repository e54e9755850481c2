using Postoffice.Deliveries;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>A receiver that keeps a ledger by ordering key, and notes whatever breaks the order: the model is one number a key, the last position that was accepted.</summary>
internal sealed class KeyOrderLedger(Func<Delivery, SendResult> answer)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<long>> _accepted = [];
    private readonly Dictionary<string, long> _out = [];

    /// <summary>What went wrong, in words.</summary>
    public List<string> Faults { get; } = [];

    public int Accepted
    {
        get
        {
            lock (_lock)
            {
                return _accepted.Values.Sum(positions => positions.Count);
            }
        }
    }

    public IReadOnlyDictionary<string, IReadOnlyList<long>> ByKey
    {
        get
        {
            lock (_lock)
            {
                return _accepted.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<long>)[.. entry.Value]);
            }
        }
    }

    public async ValueTask<SendResult> ReceiveAsync(Delivery delivery)
    {
        var (key, position) = (delivery.Message.OrderingKey!, delivery.Message.Position);
        Enter(key, position);

        // Others get their turn while this one is out.
        await Task.Yield();
        var result = answer(delivery);
        Leave(key, position, result.Outcome == SendOutcome.Accepted);
        return result;
    }

    private void Enter(string key, long position)
    {
        lock (_lock)
        {
            if (_out.TryGetValue(key, out var other))
            {
                Faults.Add($"{position} of key {key} was sent while {other} was out");
            }

            if (_accepted.TryGetValue(key, out var accepted) && accepted[^1] >= position)
            {
                Faults.Add($"{position} of key {key} was sent after {accepted[^1]}");
            }

            _out[key] = position;
        }
    }

    private void Leave(string key, long position, bool isAccepted)
    {
        lock (_lock)
        {
            _out.Remove(key);
            if (isAccepted)
            {
                if (!_accepted.TryGetValue(key, out var positions))
                {
                    _accepted.Add(key, positions = []);
                }

                positions.Add(position);
            }
        }
    }
}
