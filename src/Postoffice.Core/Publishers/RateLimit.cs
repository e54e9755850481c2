namespace Postoffice.Publishers;

/// <summary>The most attempts that a publisher starts in any span of so many seconds, on whatever node it runs.</summary>
/// <param name="Permits">How many attempts; 1 to 1,000,000.</param>
/// <param name="PerSeconds">The span in seconds; 1 to 86,400.</param>
public sealed record RateLimit(int Permits, int PerSeconds);
