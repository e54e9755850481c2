using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Pipeline;

/// <summary>A message that was read and may be sent.</summary>
/// <param name="Message">The message.</param>
/// <param name="Attempts">How many attempts were made so far.</param>
/// <param name="IsParked">The store has a parked row for it.</param>
/// <param name="Replay">Whether it is sent once more, beside the log.</param>
internal readonly record struct Candidate(Message Message, int Attempts = 0, bool IsParked = false, ReplayKind Replay = ReplayKind.None)
{
    public long Position => Message.Position;

    /// <summary>It comes from the log for the first time: while it is not settled the cursor cannot pass it.</summary>
    public bool IsFresh => !IsParked && Replay == ReplayKind.None;
}
