namespace Postoffice.Pipeline;

/// <summary>
/// The node's bound on calls in flight, each for one delivery or a batch of them, shared fairly by its publishers without a queue. A publisher may take more
/// while it holds, with those, no more than <see cref="Alpha"/> × what is left free; one that holds none may always take one. So one alone gets four fifths,
/// n of them 4/(1 + 4n) each, and a newcomer finds something free without anybody having to be told to give way.
/// </summary>
/// <remarks>
/// Dynamic thresholds: A. K. Choudhury, E. L. Hahne, "Dynamic queue length thresholds for shared-memory packet switches", IEEE/ACM Transactions on
/// Networking 6 (1998). They measure against what is free before a packet is taken; here it is what is free after, so that the bound holds for few slots too.
/// </remarks>
internal sealed class NodeSlots
{
    /// <summary>4: one publisher alone gets 80 % of the node. 1 would leave half of it idle, 16 only 6 % for those that come later.</summary>
    public const int Alpha = 4;

    private readonly Lock _lock = new();

    /// <summary>Shares that were granted less than they wanted, the longest waiting first. None of them may take a slot at present.</summary>
    private readonly LinkedList<Share> _waiting = new();
    private int _free;

    /// <summary>No share that waits holds fewer; it may be that none holds as few. So most returns need not look through those that wait.</summary>
    private int _fewestWaiting = int.MaxValue;

    public NodeSlots(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        Max = _free = max;
    }

    /// <summary>The most that may be held by all shares together.</summary>
    public int Max { get; }

    /// <summary>How many nobody holds.</summary>
    public int Free
    {
        get
        {
            lock (_lock)
            {
                return _free;
            }
        }
    }

    /// <summary>A publisher's part in the slots; disposing of it gives everything back.</summary>
    /// <param name="wake">
    /// Called, outside the lock and by whoever returned a slot, when a share that waits may take again. One slot is set aside for it, so nobody can come
    /// before it: whoever is woken calls <see cref="Share.TryTake"/>, with 0 if it wants none any more.
    /// </param>
    public Share Join(Action wake) => new(this, wake);

    /// <summary>Wakes who may take, until none that waits may. One slot that came back wakes one share; those of a publisher that leaves, several.</summary>
    private void Wake(Share? next)
    {
        while (next is not null)
        {
            next.Wake();
            lock (_lock)
            {
                next = SetAside();
            }
        }
    }

    /// <summary>Sets a slot aside for the waiting share that holds the fewest: if the rule lets that one take none, it lets nobody.</summary>
    private Share? SetAside()
    {
        if (_waiting.First is null || Allowed(_fewestWaiting) == 0)
        {
            return null;
        }

        Share? fewest = null;
        var others = int.MaxValue;
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (fewest is null || node.Value.Held < fewest.Held)
            {
                others = fewest?.Held ?? others;
                fewest = node.Value;
            }
            else
            {
                others = Math.Min(others, node.Value.Held);
            }

            if (fewest.Held == 0)
            {
                // None holds fewer, and those that were not looked at hold no fewer.
                others = 0;
                break;
            }
        }

        _fewestWaiting = fewest!.Held;
        if (Allowed(fewest.Held) == 0)
        {
            return null;
        }

        _fewestWaiting = others;
        fewest.SetAside();
        _free--;
        return fewest;
    }

    /// <returns>How many more g the rule lets somebody take who holds so many: held + g ≤ α × (free − g), and one if that is the first.</returns>
    private int Allowed(int held)
    {
        var more = Math.Max(0, ((Alpha * _free) - held) / (Alpha + 1));
        return held == 0 && more == 0 && _free > 0 ? 1 : more;
    }

    /// <summary>What one publisher holds of the node's slots. Safe for concurrent use, as consumers return what a producer has taken.</summary>
    internal sealed class Share : IDisposable
    {
        private readonly NodeSlots _slots;
        private readonly Action _wake;
        private readonly LinkedListNode<Share> _node;
        private bool _isSetAside;
        private bool _isDisposed;

        internal Share(NodeSlots slots, Action wake)
        {
            _slots = slots;
            _wake = wake;
            _node = new LinkedListNode<Share>(this);
        }

        /// <summary>How many it holds, the one included that is set aside while it is woken and has not come.</summary>
        public int Held { get; private set; }

        /// <summary>Takes up to <paramref name="wanted"/> slots, at once.</summary>
        /// <returns>How many were granted. If fewer than wanted, the share waits: it is woken when it may take again.</returns>
        public int TryTake(int wanted)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(wanted);
            Share? next = null;
            int granted;
            lock (_slots._lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                granted = _isSetAside && wanted > 0 ? 1 : 0;
                if (_isSetAside && wanted == 0)
                {
                    Held--;
                    _slots._free++;
                    next = _slots.SetAside();
                }

                _isSetAside = false;
                var more = Math.Min(wanted - granted, _slots.Allowed(Held));
                Held += more;
                _slots._free -= more;
                granted += more;
                StandInLine(granted < wanted);
            }

            _slots.Wake(next);
            return granted;
        }

        /// <summary>Gives slots back; after <see cref="Dispose"/> that is done already.</summary>
        public void Return(int count = 1)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            Share? next;
            lock (_slots._lock)
            {
                if (_isDisposed)
                {
                    return;
                }

                ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Held - (_isSetAside ? 1 : 0));
                Held -= count;
                _slots._free += count;
                LookAtWaiting();
                next = _slots.SetAside();
            }

            _slots.Wake(next);
        }

        /// <summary>Leaves: everything that is held is free for others.</summary>
        public void Dispose()
        {
            Share? next;
            lock (_slots._lock)
            {
                _isDisposed = true;
                _isSetAside = false;
                StandInLine(isWaiting: false);
                _slots._free += Held;
                Held = 0;
                next = _slots.SetAside();
            }

            _slots.Wake(next);
        }

        internal void Wake() => _wake();

        internal void SetAside()
        {
            StandInLine(isWaiting: false);
            _isSetAside = true;
            Held++;
        }

        /// <summary>One that waits already keeps its place.</summary>
        private void StandInLine(bool isWaiting)
        {
            if (isWaiting && _node.List is null)
            {
                _slots._waiting.AddLast(_node);
            }
            else if (!isWaiting && _node.List is not null)
            {
                _slots._waiting.Remove(_node);
            }

            LookAtWaiting();
        }

        private void LookAtWaiting()
        {
            if (_node.List is not null)
            {
                _slots._fewestWaiting = Math.Min(_slots._fewestWaiting, Held);
            }
        }
    }
}
