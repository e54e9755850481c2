using System.Buffers;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>The bytes of a request, in a pooled buffer: what is kept beyond the request must be copied out.</summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Topics and publishers.</summary>
    public const int SmallLimit = 64 * 1024;

    /// <summary>The largest payload, and room for the envelope around it: 100 attributes at their longest are 125 KiB.</summary>
    public const int MessageLimit = MessageRules.MaxPayloadBytes + (256 * 1024);

    public const int BulkLimit = 30 * 1024 * 1024;

    /// <summary>A declared length is only a claim: more is rented as bytes arrive.</summary>
    private const int FirstBuffer = 64 * 1024;

    private byte[] _buffer = [];
    private int _length;

    private RequestBody()
    {
    }

    /// <summary>Why the body was refused; null when it was read.</summary>
    public Problem? Problem { get; private init; }

    /// <summary>The body, valid UTF-8.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body of a request whose media type and size are right; the others are refused before they are read.</summary>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, int limit)
    {
        var refused = RefuseUnread(context.Request, limit);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = ServerLimit(context.Request.ContentLength, limit, refused is null, size.MaxRequestBodySize);
        }

        if (refused is not null)
        {
            return new RequestBody { Problem = refused };
        }

        var body = new RequestBody();
        try
        {
            var problem = !await body.FillAsync(context, limit) ? TooLarge(limit)
                : !Utf8.IsValid(body.Bytes.Span) ? Problem.InvalidJson("The body is not valid UTF-8.")
                : null;
            if (problem is null)
            {
                return body;
            }

            body.Dispose();
            return new RequestBody { Problem = problem };
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        var buffer = _buffer;
        (_buffer, _length) = ([], 0);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Problem? RefuseUnread(HttpRequest request, int limit)
    {
        if (!MediaTypes.IsIdentity(request.Headers.ContentEncoding))
        {
            return Problem.ContentEncoding();
        }

        return !MediaTypes.IsJson(request.Headers.ContentType) ? Problem.MediaType()
            : request.ContentLength > limit ? TooLarge(limit)
            : null;
    }

    /// <summary>
    /// The server's own bound. For chunks it counts the framing too, so it only keeps endless chunk extensions out; the exact count is ours.
    /// A body a little too large is refused unread, but the server may drain it: a caller cut off while it sends would never see the answer.
    /// </summary>
    private static long? ServerLimit(long? declared, int limit, bool isWanted, long? current) => declared switch
    {
        null => 2L * limit,
        { } length when isWanted || length <= 2L * limit => Math.Max(limit, length),
        _ => current,
    };

    private static Problem TooLarge(int limit) => Problem.TooLarge($"The body is larger than the {limit} bytes that this endpoint takes.");

    /// <returns>Whether the whole body was read and is within the limit.</returns>
    private async ValueTask<bool> FillAsync(HttpContext context, int limit)
    {
        // One byte more than declared, so that the read that finds the end needs no larger buffer.
        _buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min((context.Request.ContentLength ?? FirstBuffer) + 1, FirstBuffer));
        while (true)
        {
            if (_length == _buffer.Length)
            {
                Grow();
            }

            var read = await ReadAsync(context, _buffer.AsMemory(_length));
            if (read == 0)
            {
                return true;
            }

            _length += read;
            if (_length > limit)
            {
                return false;
            }
        }
    }

    private static async ValueTask<int> ReadAsync(HttpContext context, Memory<byte> buffer)
    {
        try
        {
            return await context.Request.Body.ReadAsync(buffer, context.RequestAborted);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            // Some malformed chunks, and a caller that hangs up, come as a plain IOException: the caller's fault all the same.
            throw new BadHttpRequestException("The body broke off or is malformed.", exception);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
