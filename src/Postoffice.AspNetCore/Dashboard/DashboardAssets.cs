using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Problems;

namespace Postoffice.AspNetCore.Dashboard;

/// <summary>The files that the web build left in <c>Dashboard/dist</c>, as the assembly carries them.</summary>
internal sealed class DashboardAssets
{
    private const string ResourcePrefix = "dashboard/";
    private const string IndexName = "index.html";
    private const string Icon = "favicon.svg";

    private static readonly Lazy<DashboardAssets> Built = new(() => new DashboardAssets());

    private readonly Dictionary<string, DashboardAsset> _files = new(StringComparer.Ordinal);

    private DashboardAssets()
    {
        var index = "";
        foreach (var resource in typeof(DashboardAssets).Assembly.GetManifestResourceNames())
        {
            // Built on Windows they have the other slash.
            var name = resource.Replace('\\', '/');
            if (!name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var bytes = Read(resource);
            name = name[ResourcePrefix.Length..];
            if (name == IndexName)
            {
                index = Encoding.UTF8.GetString(bytes);
            }
            else
            {
                _files[name] = new DashboardAsset(name, bytes);
            }
        }

        // With its content's hash an address can be kept for ever, and a new version is seen at once.
        Index = _files.Aggregate(index, (html, file) =>
            html.Replace($"\"-/assets/{file.Key}\"", $"\"-/assets/{file.Key}?v={file.Value.Hash}\"", StringComparison.Ordinal));
    }

    /// <summary>Read once a process, when a dashboard is first asked for.</summary>
    public static DashboardAssets Shared => Built.Value;

    /// <summary>The page's template, with the addresses of its files.</summary>
    public string Index { get; }

    public Task SendAsync(HttpContext context) => context.GetRouteValue("file") is string name && _files.TryGetValue(name, out var file)
        ? file.SendAsync(context)
        : Problem.NotFound("The dashboard has no such file.").ExecuteAsync(context);

    public Task SendIconAsync(HttpContext context) => _files[Icon].SendAsync(context);

    private static byte[] Read(string resource)
    {
        using var stream = typeof(DashboardAssets).Assembly.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
