using System.Net;
using Microsoft.AspNetCore.Http;

namespace Postoffice.AspNetCore.Dashboard;

/// <summary>Tells a browser on this machine from all others. Each rule closes a way by which a stranger would look like one.</summary>
internal static class LocalAccess
{
    // What a proxy on this machine adds; X-Original-… is what ASP.NET Core leaves of an X-Forwarded-… that it has used up.
    private static readonly string[] ProxyHeaders = ["Forwarded", "Via", "X-Real-IP"];
    private static readonly string[] ProxyPrefixes = ["X-Forwarded-", "X-Original-"];

    /// <returns>Why the request may not count as local, as a sentence; null when it may.</returns>
    public static string? Refuse(HttpContext context)
    {
        // No address: a Unix socket, and at its other end a proxy.
        if (context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote))
        {
            return $"The request came from {context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address"}.";
        }

        // A page of another name that resolves to this machine would be the same origin, and read everything (DNS rebinding).
        if (!IsLocal(context.Request.Host.Host))
        {
            return "The request asked for a host that is not localhost.";
        }

        if (context.Request.Headers.Keys.FirstOrDefault(IsOfProxy) is { } header)
        {
            return $"The request came through a proxy: it bears the header {header}.";
        }

        // No browser speaks it, and a proxy that nobody has told to pass headers on often does.
        return HttpProtocol.IsHttp10(context.Request.Protocol) ? "The request came through a proxy: it is HTTP/1.0." : null;
    }

    private static bool IsOfProxy(string header) =>
        ProxyHeaders.Contains(header, StringComparer.OrdinalIgnoreCase)
        || Array.Exists(ProxyPrefixes, prefix => header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static bool IsLocal(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
