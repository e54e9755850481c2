namespace Postoffice.Outcomes;

/// <summary>What a dead letter has in common with others that died of the same: its status class and its error without what differs from one to the next. Pure.</summary>
internal static class ErrorGroup
{
    public const int MaxLength = 200;

    public static string Of(int? statusCode, string error) => $"{statusCode / 100}xx {error}"[..Math.Min(MaxLength, error.Length)];
}
