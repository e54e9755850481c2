using System.Globalization;

namespace Postoffice.Transports.PubSub;

/// <summary>Where the calls go.</summary>
/// <param name="Address">Scheme, host and port.</param>
/// <param name="IsEmulator">It is an emulator, which is sent no credentials.</param>
internal readonly record struct PubSubEndpoint(Uri Address, bool IsEmulator)
{
    public static PubSubEndpoint Of(PubSubTransportOptions options) => options.EmulatorHost is { } emulator
        ? new PubSubEndpoint(OfEmulator(emulator)!, IsEmulator: true)
        : new PubSubEndpoint(options.Endpoint, IsEmulator: false);

    /// <returns>The address of an emulator's <c>HOST:PORT</c>; null when it is none.</returns>
    public static Uri? OfEmulator(string host) =>
        Uri.TryCreate("http://" + host, UriKind.Absolute, out var uri) && uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" }
            && host.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{uri.Port}"), StringComparison.Ordinal)
            ? uri
            : null;

    /// <returns>What is wrong with the address of the service, to follow its name; null when nothing is.</returns>
    public static string? Check(Uri? address) => address switch
    {
        { IsAbsoluteUri: true, PathAndQuery: "/", UserInfo: "", Fragment: "" } when address.Scheme == Uri.UriSchemeHttps => null,
        { IsAbsoluteUri: true, PathAndQuery: "/", UserInfo: "", Fragment: "" } when address.Scheme == Uri.UriSchemeHttp => address.IsLoopback
            ? null
            : "would send an access token in the clear: give an address that begins with https://, or name an emulator in "
                + $"{PubSubTransportOptions.SectionName}:{nameof(PubSubTransportOptions.EmulatorHost)}",
        _ => "is no address of the service: give one such as https://pubsub.googleapis.com, without a path",
    };
}
