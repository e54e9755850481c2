namespace Postoffice.Pipeline;

/// <summary>What becomes of a message of a publisher that orders by key.</summary>
internal enum Admission
{
    /// <summary>It goes out now.</summary>
    Send,

    /// <summary>It is kept in memory until the key is free.</summary>
    Held,

    /// <summary>It is to be parked behind its key.</summary>
    ParkBehind,
}
