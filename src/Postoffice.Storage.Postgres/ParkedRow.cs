namespace Postoffice.Storage.Postgres;

/// <summary>How a parked delivery is written.</summary>
internal static class ParkedRow
{
    /// <summary>
    /// When a delivery is due that waits behind another of its ordering key: never. A time of day that no clock reaches, and not <c>infinity</c>, since nodes of
    /// the version before subtract the clock from it and could read the result neither as a time nor as a span.
    /// </summary>
    public const string Never = "timestamptz '2200-01-01 00:00:00+00'";
}
