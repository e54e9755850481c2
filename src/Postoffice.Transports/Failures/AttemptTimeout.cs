namespace Postoffice.Transports.Failures;

/// <summary>The rule for how long an attempt may take, judged again where a publisher is run: its row may come from an older version or from somebody's SQL.</summary>
internal static class AttemptTimeout
{
    private static readonly TimeSpan Max = TimeSpan.FromDays(1);

    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Check(TimeSpan timeout) =>
        timeout <= TimeSpan.Zero || timeout > Max ? $"timeout ({timeout}) is out of range; give a value from 1 to 300 seconds" : null;
}
