using Microsoft.AspNetCore.Http;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>Which page a browser sent a request for, by the two headers that no script can forge. Programs send neither.</summary>
internal static class RequestOrigin
{
    private const string FetchSite = "Sec-Fetch-Site";

    /// <returns>Whether the request's verb may change something.</returns>
    public static bool IsUnsafe(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method) && !HttpMethods.IsTrace(request.Method);

    /// <returns>Whether a page of another origin made the browser send it.</returns>
    public static bool IsForeign(HttpRequest request)
    {
        // Browsers tell it to servers on https and localhost only; elsewhere Origin has to do.
        var site = request.Headers[FetchSite].ToString();
        return site.Length > 0 ? site is not ("same-origin" or "none") : request.Headers.Origin.Count > 0 && !HasOwnOrigin(request);
    }

    /// <returns>Whether everything that the browser says about the request's page names this very origin.</returns>
    public static bool IsSameOrigin(HttpRequest request) =>
        request.Headers[FetchSite].ToString() is "" or "same-origin" && (request.Headers.Origin.Count == 0 || HasOwnOrigin(request));

    /// <summary>Without the scheme: behind a proxy that ends TLS it is not the browser's.</summary>
    private static bool HasOwnOrigin(HttpRequest request) =>
        Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin)
        && origin.Scheme is "http" or "https"
        && HostString.FromUriComponent(origin) is var own
        && string.Equals(own.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase)
        && Port(own) == Port(request.Host);

    private static int? Port(HostString host) => host.Port is 80 or 443 ? null : host.Port;
}
