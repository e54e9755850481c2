using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Postoffice.AspNetCore.Dashboard;

/// <summary>One file of the page, compressed once when it is first wanted so.</summary>
internal sealed class DashboardAsset
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".css"] = "text/css; charset=utf-8",
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".json"] = "application/json; charset=utf-8",
        [".map"] = "application/json; charset=utf-8",
        [".svg"] = "image/svg+xml; charset=utf-8",
        [".txt"] = "text/plain; charset=utf-8",
        [".webmanifest"] = "application/manifest+json; charset=utf-8",
        [".ico"] = "image/x-icon",
        [".png"] = "image/png",
        [".woff2"] = "font/woff2",
    };

    private readonly string _type;
    private readonly Encoded _plain;
    private readonly Lazy<Encoded>? _gzip;
    private readonly Lazy<Encoded>? _brotli;

    public DashboardAsset(string name, byte[] bytes)
    {
        _type = Types.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream");
        Hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
        _plain = new Encoded(null, bytes, Hash);

        // Pictures and fonts are compressed already.
        if (_type.EndsWith("utf-8", StringComparison.Ordinal))
        {
            _gzip = new(() => Compress("gzip", bytes, stream => new GZipStream(stream, CompressionLevel.SmallestSize)));
            _brotli = new(() => Compress("br", bytes, stream => new BrotliStream(stream, CompressionLevel.SmallestSize)));
        }
    }

    /// <summary>Changes with the content: an address that bears it never means anything else.</summary>
    public string Hash { get; }

    public async Task SendAsync(HttpContext context)
    {
        var chosen = Choose(context.Request);
        var response = context.Response;
        response.Headers.ETag = chosen.ETag;
        response.Headers.CacheControl = context.Request.Query["v"] == Hash ? "public, max-age=31536000, immutable" : "no-cache";
        if (_brotli is not null)
        {
            response.Headers.Vary = HeaderNames.AcceptEncoding;
        }

        if (IsKnown(context.Request, chosen.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = _type;
        response.ContentLength = chosen.Bytes.Length;
        if (chosen.Name is not null)
        {
            response.Headers.ContentEncoding = chosen.Name;
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(chosen.Bytes, context.RequestAborted);
        }
    }

    private static bool IsKnown(HttpRequest request, string etag) => request.GetTypedHeaders().IfNoneMatch.Any(
        known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(EntityTagHeaderValue.Parse(etag), useStrongComparison: false));

    private Encoded Choose(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        return _brotli is not null && Accepts(accepted, "br") ? _brotli.Value : _gzip is not null && Accepts(accepted, "gzip") ? _gzip.Value : _plain;
    }

    private static bool Accepts(IList<StringWithQualityHeaderValue> accepted, string encoding) =>
        accepted.Any(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && value.Quality is not 0);

    private Encoded Compress(string name, byte[] bytes, Func<Stream, Stream> open)
    {
        using var compressed = new MemoryStream();
        using (var stream = open(compressed))
        {
            stream.Write(bytes);
        }

        return new Encoded(name, compressed.ToArray(), string.Create(CultureInfo.InvariantCulture, $"{Hash}-{name}"));
    }

    private sealed record Encoded(string? Name, byte[] Bytes, string Tag)
    {
        public string ETag { get; } = $"\"{Tag}\"";
    }
}
