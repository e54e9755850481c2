using System.Buffers;

namespace Postoffice.Transports.Http;

/// <summary>Reads the body of an answer: some of it to keep, the rest only so that the connection can be used again.</summary>
internal static class AnswerBody
{
    private const int ScratchBytes = 4 * 1024;

    /// <summary>Reads to the end or to <paramref name="maxBytes"/>, whichever comes first, and makes a text of the first bytes.</summary>
    /// <param name="body">The body; whoever disposes of it early closes the connection.</param>
    /// <param name="maxBytes">The most that is read.</param>
    /// <param name="keep">How many bytes to keep; 0 for none.</param>
    /// <param name="format">Makes the text of what was kept.</param>
    /// <param name="state">Handed to <paramref name="format"/>.</param>
    /// <param name="cancellationToken">Cancelled at the attempt's deadline. Not an error: the status line has decided, the body is a courtesy.</param>
    public static async ValueTask<string?> ReadAsync<TState>(
        Stream body, int maxBytes, int keep, Func<TState, ReadOnlySpan<byte>, string?> format, TState state, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(keep + ScratchBytes);
        try
        {
            var kept = 0;
            var total = 0;
            try
            {
                while (total < maxBytes)
                {
                    var place = kept < keep ? buffer.AsMemory(kept, keep - kept) : buffer.AsMemory(keep, ScratchBytes);
                    var read = await body.ReadAsync(place[..Math.Min(place.Length, maxBytes - total)], cancellationToken).ConfigureAwait(false);
                    if (read == 0)
                    {
                        break;
                    }

                    total += read;
                    kept = Math.Min(keep, kept + read);
                }
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException or InvalidOperationException)
            {
                // Broken off, not what it said it would be, or too slow: whatever came is what there is.
            }

            return format(state, buffer.AsSpan(0, kept));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
