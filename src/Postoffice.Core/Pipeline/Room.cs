namespace Postoffice.Pipeline;

/// <summary>What a producer may begin now.</summary>
/// <param name="Count">So many deliveries.</param>
/// <param name="LookIn">When to look again although nothing wakes it: when the breaker lets a probe out, the rate limit has permits again; null: when woken.</param>
/// <param name="IsProbing">It is not known yet whether the receiver is back: what failed before goes first, and the log is left alone while such is due.</param>
internal readonly record struct Room(int Count, TimeSpan? LookIn, bool IsProbing);
