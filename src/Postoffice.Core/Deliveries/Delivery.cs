using Postoffice.Messages;

namespace Postoffice.Deliveries;

/// <summary>One message for one publisher, about to be attempted.</summary>
public sealed class Delivery
{
    /// <summary>The message to send.</summary>
    public required Message Message { get; init; }

    /// <summary>Which attempt this is: 1 for the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>Whether the store has a parked row for it, which a settle must then delete or update. The delivery window's lock guards it.</summary>
    internal bool IsParked { get; set; }

    /// <summary>Whether a replay has brought it.</summary>
    internal ReplayKind Replay { get; init; }

    /// <summary>Whether somebody waits to read what the target answers: see <see cref="Transports.SendResult.Answer"/>.</summary>
    internal bool KeepsAnswer { get; init; }

    /// <summary>It comes from the log for the first time and has no row in the store: while it is not settled the cursor cannot pass it.</summary>
    internal bool IsFresh => !IsParked && Replay == ReplayKind.None;
}
