using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Outcomes;

/// <summary>
/// Tells faults of this node from those of its targets; one for the node, and safe for concurrent use. When hosts can't be reached, nothing has answered for
/// <see cref="Memory"/>, and it is not just one host, then it is this node that is cut off. What it lacks itself (<see cref="SendFault.Local"/>) is always its
/// own fault. Pure: time is handed in.
/// </summary>
internal sealed class EgressWatch
{
    /// <summary>How far back it looks.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);

    /// <summary>And how far once it is cut off: attempts are rare then, one in <see cref="EgressHold.LongestPause"/> a publisher.</summary>
    public static readonly TimeSpan LongMemory = 3 * EgressHold.LongestPause;

    private readonly Lock _lock = new();

    // Ticks; written without the lock, for nearly every attempt ends with an answer.
    private long _answeredAt = long.MinValue;

    // The host that was unreachable last, and when it, and any other, was: enough to know whether there were two.
    private string _host = "";
    private TimeSpan? _hostAt;
    private TimeSpan? _otherAt;
    private bool _isCutOff;

    /// <summary>Whether it took the node for cut off when it was last asked.</summary>
    public bool IsCutOff => Volatile.Read(ref _isCutOff);

    /// <summary>The host of a publisher's target; for targets that name none all publishers of a type count as one.</summary>
    public static string HostOf(Publisher publisher) =>
        Uri.TryCreate(publisher.Target, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host : publisher.Type;

    /// <summary>Hears of an attempt, and says whether what went wrong is this node's own fault: then it tells nothing of the receiver.</summary>
    /// <param name="host">Whom it was for: <see cref="HostOf"/>.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="now">The time since a fixed moment, by a clock that never jumps.</param>
    public bool IsOurs(string host, SendResult result, TimeSpan now)
    {
        switch (result.Fault)
        {
            case SendFault.None when result.Outcome is not (SendOutcome.Blocked or SendOutcome.Invalid):
            case SendFault.Setup when result.StatusCode is not null:
                Answered(now);
                return false;
            case SendFault.Local:
                return true;
            case SendFault.Unreachable:
                return IsCutOffWith(host, now);
            default:
                // A timeout may be either's fault: connecting, or waiting for the answer. A target that is blocked, or spared an invalid message, was never asked.
                return false;
        }
    }

    private void Answered(TimeSpan now)
    {
        Volatile.Write(ref _answeredAt, now.Ticks);
        if (Volatile.Read(ref _isCutOff))
        {
            lock (_lock)
            {
                _isCutOff = false;
                _hostAt = _otherAt = null;
            }
        }
    }

    private bool IsCutOffWith(string host, TimeSpan now)
    {
        lock (_lock)
        {
            if (host != _host)
            {
                _otherAt = _hostAt;
                _host = host;
            }

            _hostAt = now;

            var answeredAt = Volatile.Read(ref _answeredAt);
            var hasAnswered = answeredAt != long.MinValue && now - new TimeSpan(answeredAt) < Memory;
            var since = now - (_isCutOff ? LongMemory : Memory);
            var isCutOff = !hasAnswered && _otherAt > since;
            Volatile.Write(ref _isCutOff, isCutOff);
            return isCutOff;
        }
    }
}
