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
}
