namespace Postoffice.Deliveries;

/// <summary>Whether a delivery is sent once more, beside the log.</summary>
internal enum ReplayKind
{
    None,

    /// <summary>Sent again.</summary>
    Again,

    /// <summary>Sent again, and a dead letter until then.</summary>
    Dead,
}
