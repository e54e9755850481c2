namespace Postoffice.Pipeline;

/// <summary>What a producer may read now.</summary>
/// <param name="Count">So many deliveries.</param>
/// <param name="ProbeIn">When to look again although nothing wakes it: when the breaker lets a probe out; null: when woken.</param>
/// <param name="IsProbing">It is not known yet whether the receiver is back: what failed before goes first, and the log is left alone while such is due.</param>
internal readonly record struct Room(int Count, TimeSpan? ProbeIn, bool IsProbing);
