using System.Buffers;
using System.Text;

namespace Postoffice.Messages;

/// <summary>How a payload begins, for people who look for one among many.</summary>
internal static class PayloadExcerpt
{
    public const int MaxCharacters = 200;

    /// <summary>So many bytes of the payload are enough, whatever its characters: none takes more than four.</summary>
    public const int Bytes = 4 * MaxCharacters;

    /// <returns>The first characters as text, none of them cut; U+FFFD stands for what is no UTF-8.</returns>
    public static string Of(ReadOnlySpan<byte> payload)
    {
        var text = new StringBuilder(Math.Min(payload.Length, MaxCharacters));
        for (var count = 0; count < MaxCharacters && Rune.DecodeFromUtf8(payload, out var rune, out var length) is var status; count++)
        {
            if (length == 0)
            {
                break;
            }

            text.Append((status == OperationStatus.Done ? rune : Rune.ReplacementChar).ToString());
            payload = payload[length..];
        }

        return text.ToString();
    }
}
