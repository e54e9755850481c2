using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Postoffice.AspNetCore.Dashboard;

/// <summary>
/// The index page, for every path that the page's own router knows. The template says <c>&lt;!--base--&gt;</c> where its address belongs and
/// <c>&lt;!--config--&gt;</c> where what it must know of the server does; it names its files <c>-/assets/…</c>.
/// </summary>
internal sealed class DashboardPage(DashboardAssets assets, DashboardGuard guard, string version)
{
    public static string Version { get; } =
        typeof(DashboardPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public async Task ShowAsync(HttpContext context)
    {
        var html = assets.Index
            .Replace("<!--base-->", $"<base href=\"{HtmlEncoder.Default.Encode(Base(context))}\">", StringComparison.Ordinal)
            .Replace("<!--config-->", $"<meta name=\"postoffice\" content=\"{HtmlEncoder.Default.Encode(Config(!await guard.MayChangeAsync(context)))}\">", StringComparison.Ordinal);
        await WriteAsync(context, StatusCodes.Status200OK, Encoding.UTF8.GetBytes(html));
    }

    public static async Task WriteAsync(HttpContext context, int status, byte[] html)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = html.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(html, context.RequestAborted);
        }
    }

    /// <returns>The dashboard's own path as the browser asked for it, whatever groups and path bases stand before it.</returns>
    private static string Base(HttpContext context)
    {
        // The last segment of the route is what lies below the dashboard.
        var segments = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.PathSegments.Count - 1;
        var path = context.Request.Path.Value ?? "";
        var end = 0;
        for (; segments > 0 && end >= 0; segments--)
        {
            end = path.IndexOf('/', end + 1);
        }

        return (context.Request.PathBase + new PathString(end < 0 ? path : path[..end])).ToUriComponent().TrimEnd('/') + "/";
    }

    private string Config(bool readOnly)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("api"u8, "-/api"u8);
            writer.WriteBoolean("read_only"u8, readOnly);
            writer.WriteString("version"u8, version);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
