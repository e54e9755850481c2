using Postoffice.Messages;
using Postoffice.Storage;
using Postoffice.Threading;

namespace Postoffice.Pipeline;

/// <summary>
/// Reads one topic's log for all publishers of this node. What is new is read once, or handed over by the local append without a read, and kept in a bounded
/// window that all publishers at the tail share. A publisher that lags reads blocks of its own older range; publishers that lag at the same place share them.
/// </summary>
internal sealed class TopicReader(long topicId, IMessageLog log)
{
    /// <summary>The window: so many messages and so many bytes of payload at most; a larger message stands in it alone.</summary>
    private const int WindowMessages = 1_024;
    private const int WindowBytes = 1024 * 1024;

    /// <summary>One read of an older range.</summary>
    private const int BlockMessages = 512;
    private const int BlockBytes = 512 * 1024;

    private readonly Lock _lock = new();
    private readonly Message?[] _window = new Message[WindowMessages];
    private readonly List<Subscription> _subscriptions = [];
    private readonly Dictionary<long, Task<IReadOnlyList<Message>>> _reads = [];

    /// <summary>The window holds the positions above <c>_before</c> up to <c>_last</c>.</summary>
    private long _before;
    private long _last;
    private long _bytes;
    private long _head;

    /// <summary>Whether any publisher on this node reads the topic.</summary>
    public bool HasSubscriptions
    {
        get
        {
            lock (_lock)
            {
                return _subscriptions.Count > 0;
            }
        }
    }

    /// <summary>The topic's last position, as far as this node knows.</summary>
    public long Head => Volatile.Read(ref _head);

    public Subscription Subscribe(WakeSignal wake, long position)
    {
        var subscription = new Subscription(this, wake, position);
        lock (_lock)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Takes over what this node has just committed, in order, without a gap, so that publishers at the tail need no read.</summary>
    public void Offer(IReadOnlyList<Message> messages)
    {
        lock (_lock)
        {
            Add(messages);
            Raise(messages[^1].Position);
        }
    }

    /// <summary>Hears that the log has grown, and wakes the topic's publishers on this node.</summary>
    public void RaiseHead(long head)
    {
        lock (_lock)
        {
            Raise(head);
        }
    }

    /// <summary>Lets go of what every publisher has read.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            var slowest = _last;
            foreach (var subscription in _subscriptions)
            {
                // One that lags behind the window reads for itself: nothing is kept for it.
                if (subscription.Position >= _before)
                {
                    slowest = Math.Min(slowest, subscription.Position);
                }
            }

            while (_before < slowest)
            {
                DropOldest();
            }
        }
    }

    private void Raise(long head)
    {
        if (head <= _head)
        {
            return;
        }

        Volatile.Write(ref _head, head);
        foreach (var subscription in _subscriptions)
        {
            subscription.Wake();
        }
    }

    private void Add(IReadOnlyList<Message> messages)
    {
        if (messages[0].Position > _last + 1 || _before == _last)
        {
            // Another node's messages lie in between, or the window is empty: it starts anew here.
            Clear();
            _before = _last = messages[0].Position - 1;
        }

        foreach (var message in messages)
        {
            if (message.Position <= _last)
            {
                continue;
            }

            while (_last - _before >= WindowMessages || (_bytes + message.Payload.Length > WindowBytes && _before < _last))
            {
                DropOldest();
            }

            _last = message.Position;
            _window[_last % WindowMessages] = message;
            _bytes += message.Payload.Length;
        }
    }

    private void DropOldest()
    {
        _before++;
        ref var slot = ref _window[_before % WindowMessages];
        _bytes -= slot!.Payload.Length;
        slot = null;
    }

    private void Clear()
    {
        Array.Clear(_window);
        _bytes = 0;
    }

    /// <summary>Copies what the window has after <paramref name="after"/>.</summary>
    /// <returns>How many; 0 when the window does not reach so far back, or holds nothing newer.</returns>
    private int TakeFromWindow(long after, Span<Message> into)
    {
        lock (_lock)
        {
            if (after < _before || after >= _last)
            {
                return 0;
            }

            var count = (int)Math.Min(into.Length, _last - after);
            for (var index = 0; index < count; index++)
            {
                into[index] = _window[(after + 1 + index) % WindowMessages]!;
            }

            return count;
        }
    }

    /// <summary>Reads a block from the log; those who ask for the same block at the same time share one read.</summary>
    private async Task<IReadOnlyList<Message>> ReadBlockAsync(long after, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<Message>>? read;
        lock (_lock)
        {
            if (!_reads.TryGetValue(after, out read))
            {
                // The read belongs to all who wait for it, so no one's token cancels it; the store bounds its time.
                read = ReadAsync(after);
                _reads.Add(after, read);
            }
        }

        return await read.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Message>> ReadAsync(long after)
    {
        // The caller holds the lock: leave it before the store is asked.
        await Task.Yield();
        try
        {
            var messages = await log.ReadAsync(topicId, after, BlockMessages, BlockBytes, CancellationToken.None).ConfigureAwait(false);
            lock (_lock)
            {
                // Only what touches the window's end, or has reached the head, is of use to others.
                if (messages.Count > 0 && (messages[0].Position == _last + 1 || messages[^1].Position >= _head))
                {
                    Add(messages);
                    Raise(messages[^1].Position);
                }
            }

            return messages;
        }
        finally
        {
            lock (_lock)
            {
                _reads.Remove(after);
            }
        }
    }

    /// <summary>One publisher's place in the log. Used by its producer only.</summary>
    internal sealed class Subscription(TopicReader reader, WakeSignal wake, long position) : IDisposable
    {
        private IReadOnlyList<Message> _block = [];
        private int _next;
        private long _position = position;

        /// <summary>Read up to here.</summary>
        public long Position => Volatile.Read(ref _position);

        public bool IsAtEnd => Position >= reader.Head;

        public void Wake() => wake.Wake();

        /// <returns>How many messages were put into <paramref name="into"/>: those after <see cref="Position"/>, without a gap; 0 at the end of the log.</returns>
        public async ValueTask<int> ReadAsync(Memory<Message> into, CancellationToken cancellationToken)
        {
            if (into.IsEmpty || (_next >= _block.Count && IsAtEnd))
            {
                return 0;
            }

            if (_next >= _block.Count)
            {
                _block = [];
                var shared = reader.TakeFromWindow(_position, into.Span);
                if (shared > 0)
                {
                    Volatile.Write(ref _position, _position + shared);
                    return shared;
                }

                _block = await reader.ReadBlockAsync(_position, cancellationToken).ConfigureAwait(false);
                _next = 0;
            }

            var count = Math.Min(into.Length, _block.Count - _next);
            for (var index = 0; index < count; index++)
            {
                into.Span[index] = _block[_next++];
            }

            if (_next >= _block.Count)
            {
                // Nothing keeps a block alive that is read.
                _block = [];
                _next = 0;
            }

            Volatile.Write(ref _position, _position + count);
            return count;
        }

        public void Dispose()
        {
            lock (reader._lock)
            {
                reader._subscriptions.Remove(this);
            }
        }
    }
}
