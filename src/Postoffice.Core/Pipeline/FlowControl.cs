using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>
/// How many deliveries a publisher may begin now: what its demand, its breaker, its adaptive window, its rate limit, the size of its messages and the node's slots
/// leave. Whatever holds back holds demand, not messages: nothing is read that may not be sent. The delivery window's lock guards it.
/// </summary>
internal sealed class FlowControl : IDisposable
{
    /// <summary>So many batches a publisher has in flight unless its settings say otherwise: while one is on its way, the next is filled.</summary>
    private const int BatchesInFlight = 4;

    /// <summary>What a publisher's own settings may ask for at most; neither the default nor a batch goes further.</summary>
    public const int HighestDemand = 1_000;

    /// <summary>
    /// About so many bytes of payload one publisher has in flight at most, whatever its demand: 50 messages of the largest size, as a publisher that sends one at a
    /// time has them unless told otherwise, and some. Hundreds of them, in batches, would fill a node's memory.
    /// </summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    /// <summary>The share of the newest delivery in the mean size.</summary>
    private const double Newest = 0.1;

    private readonly Demand _demand;
    private readonly Breaker _breaker = new();
    private readonly AdaptiveWindow? _adaptive;
    private readonly SendRate? _rate;
    private readonly NodeSlots.Share _slots;
    private readonly EgressHold _hold = new();
    private readonly int _maxBatch;

    /// <summary>What the present turn may still begin, how many slots of the node it has not used, and how many deliveries it has begun.</summary>
    private int _reserved;
    private int _reservedSlots;
    private int _begun;
    private bool _isBack;

    /// <summary>The payloads in flight; how large one is of late; and whether that was what held back when it was asked last.</summary>
    private long _bytes;
    private double _meanBytes;
    private bool _isFullOfBytes;

    /// <param name="settings">The publisher's settings.</param>
    /// <param name="options">What holds where it says nothing.</param>
    /// <param name="maxBatch">How many deliveries go out in one call: with a demand of less than a few calls, calls would be small.</param>
    /// <param name="slots">The node's bound.</param>
    /// <param name="wake">Called when a slot is free again.</param>
    public FlowControl(PublisherSettings settings, PipelineOptions options, int maxBatch, NodeSlots slots, Action wake)
    {
        var ofBatches = maxBatch > 1 ? Math.Min(maxBatch * BatchesInFlight, HighestDemand) : 1;

        // No publisher may ask for more than the node can have in flight.
        var max = Math.Min(settings.MaxDemand ?? Math.Max(options.MaxDemand, ofBatches), options.MaxInFlight * maxBatch);
        var min = settings.MinDemand ?? (maxBatch > 1 ? null : options.MinDemand) ?? max / 2;
        _demand = new Demand(max, Math.Min(min, max - 1), settings.DemandMode ?? options.DemandMode);
        _adaptive = settings.AdaptiveDemand ?? options.AdaptiveDemand ? new AdaptiveWindow(max) : null;
        _rate = settings.RateLimit is { } limit ? new SendRate(limit) : null;
        _slots = slots.Join(wake);
        _maxBatch = maxBatch;
    }

    public int MaxDemand => _demand.Max;

    public int InFlight => _demand.InFlight;

    /// <summary>The demand as the receiver bears it now.</summary>
    public int EffectiveDemand => _adaptive?.Limit ?? _demand.Max;

    public BreakerState BreakerState => _breaker.State;

    /// <summary>The receiver is down, as far as is known: no probe has succeeded yet.</summary>
    public bool IsDown => _breaker.IsDown;

    /// <summary>When it opened last.</summary>
    public TimeSpan OpenedAt => _breaker.OpenedAt;

    /// <summary>When the next probe goes out; null unless it is open.</summary>
    public TimeSpan? ProbeAt => _breaker.State == BreakerState.Open ? _breaker.ProbeAt : null;

    /// <summary>Until when nothing goes out since this node is at fault itself; null while it is not.</summary>
    public TimeSpan? OfflineUntil => _hold.IsActive ? _hold.Until : null;

    /// <summary>How long the rate limit holds back; null when it does not.</summary>
    public TimeSpan? RateLimitedFor => _rate is { Available: 0 } rate ? rate.UntilNext : null;

    /// <summary>Whether it must be asked again whenever a delivery finishes: something other than the demand holds back.</summary>
    private bool IsConstrained =>
        _breaker.State != BreakerState.Closed || _hold.IsActive || _isFullOfBytes || (_adaptive is { } adaptive && adaptive.Limit < _demand.Max);

    /// <summary>Reserves what may be begun in this turn; what is not used is given back by <see cref="EndTurn"/>.</summary>
    /// <param name="now">The window's clock.</param>
    /// <param name="begunSinceOpened">How many of those in flight were begun after the breaker opened: what was under way before is no probe.</param>
    public Room Reserve(TimeSpan now, int begunSinceOpened)
    {
        var room = Want(now, begunSinceOpened);

        // Asked for even when nothing is wanted: a slot may be set aside for this publisher, and is another's then. A slot is for one call, or publishers that
        // compete for slots would send each delivery by itself.
        _reservedSlots = _slots.TryTake((room.Count + _maxBatch - 1) / _maxBatch);
        _reserved = Math.Min(room.Count, _reservedSlots * _maxBatch);
        return room with { Count = _reserved };
    }

    private Room Want(TimeSpan now, int begunSinceOpened)
    {
        var held = _hold.AllowedInFlight(now);
        if (held == 0)
        {
            return new Room(0, _hold.Until - now, IsProbing: false);
        }

        var allowed = _breaker.AllowedInFlight(now);
        if (_breaker.State == BreakerState.Open)
        {
            return new Room(0, _breaker.ProbeAt - now, IsProbing: false);
        }

        allowed -= _breaker.State == BreakerState.HalfOpen ? begunSinceOpened : 0;
        var wanted = Math.Min(Math.Min(_demand.Pending, _demand.MaxBatch), Math.Min(allowed, Math.Min(held, EffectiveDemand) - _demand.InFlight));
        var room = RoomForBytes();
        _isFullOfBytes = wanted > room;
        wanted = Math.Min(wanted, room);
        if (wanted > 0 && _rate is not null && (wanted = Math.Min(wanted, _rate.Available)) == 0)
        {
            return new Room(0, _rate.UntilNext, IsProbing: false);
        }

        return new Room(Math.Max(0, wanted), null, _breaker.IsProbing);
    }

    /// <summary>How many more of the size that is usual of late; one goes out whatever its size.</summary>
    private int RoomForBytes() =>
        (int)Math.Clamp((MaxBytes - _bytes) / Math.Max(1, _meanBytes), _demand.InFlight == 0 ? 1 : 0, int.MaxValue);

    /// <summary>A delivery is begun, within what was reserved.</summary>
    /// <param name="bytes">The size of its payload.</param>
    /// <exception cref="InvalidOperationException">More are begun than were reserved: more was read than was asked for.</exception>
    public void Begin(int bytes)
    {
        if (_reserved == 0)
        {
            throw new InvalidOperationException($"More was read than was asked for: {_demand.InFlight} of {_demand.Max} are in flight, {_demand.Pending} are asked for.");
        }

        _reserved--;
        _reservedSlots -= _begun++ % _maxBatch == 0 ? 1 : 0;
        _demand.Take(1);
        _rate?.Take(1);
        _bytes += bytes;
        _meanBytes += Newest * (bytes - _meanBytes);
    }

    /// <summary>Nothing is begun in this turn.</summary>
    public void Pass() => _slots.TryTake(0);

    public void EndTurn()
    {
        if (_reservedSlots > 0)
        {
            _slots.Return(_reservedSlots);
        }

        (_reserved, _reservedSlots, _begun) = (0, 0, 0);
    }

    /// <summary>A receiver has answered a call, or has not: the breaker hears of it.</summary>
    public void Record(SendResult result, TimeSpan begunAt, TimeSpan now)
    {
        var wasDown = _breaker.IsDown;
        _breaker.Record(result.Outcome, begunAt, _demand.Max, now, Random.Shared.NextDouble(), failsForAll: result.Fault == SendFault.Setup);
        _isBack |= wasDown && !_breaker.IsDown;
    }

    /// <summary>A call has come to its end: the demand of its deliveries, and its slot, are free.</summary>
    /// <param name="deliveries">How many it bore: all that a turn has begun, or <c>maxBatch</c> of them.</param>
    /// <param name="bytes">The size of their payloads.</param>
    /// <returns>Whether more may be begun now.</returns>
    public bool FinishCall(int deliveries, long bytes)
    {
        _slots.Return(1);
        _bytes -= bytes;
        return _demand.Finish(deliveries) > 0 | IsConstrained;
    }

    /// <summary>An attempt has come to its end, and not by this node's own fault.</summary>
    /// <returns>Whether that was otherwise before.</returns>
    public bool Measure(SendResult result, TimeSpan begunAt, TimeSpan duration, TimeSpan now)
    {
        var wasHeld = _hold.IsActive;
        _hold.End();
        _adaptive?.Record(result.Outcome, result.Fault == SendFault.Timeout, begunAt, duration, now);
        return wasHeld;
    }

    /// <summary>An attempt has failed by this node's own fault: nothing goes out for a while.</summary>
    /// <returns>Whether that is new.</returns>
    public bool Hold(TimeSpan now)
    {
        var wasHeld = _hold.IsActive;
        _hold.Begin(now, Random.Shared.NextDouble());
        return !wasHeld;
    }

    /// <returns>Whether the receiver was down and has taken a message, since this was asked last.</returns>
    public bool TakeIsBack()
    {
        var isBack = _isBack;
        _isBack = false;
        return isBack;
    }

    public void Dispose()
    {
        _slots.Dispose();
        _rate?.Dispose();
    }
}
