using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Postoffice.Transports;
using Postoffice.Transports.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds delivery by HTTP POST to Postoffice.</summary>
public static class HttpBuilderExtensions
{
    /// <summary>
    /// Adds the transport for publishers of type <c>http</c>. Settings come from the section <c>Postoffice:Http</c> of the application's configuration,
    /// then from <paramref name="configure"/>; the host refuses to start with one that is out of range.
    /// </summary>
    /// <remarks>
    /// Each attempt is one <c>POST</c> of the payload, byte for byte, with its <c>Content-Type</c> (<c>application/json</c> when the message's is no media type),
    /// <c>message-id</c> and <c>webhook-id</c> (the message's id), <c>webhook-timestamp</c> (Unix seconds of the attempt), <c>postoffice-attempt</c> (1 for the first),
    /// <c>traceparent</c> when the message has one, and the publisher's own headers. An attribute travels as <c>postoffice-attribute-NAME</c>. It is left out when
    /// its name is no HTTP token or its value is not printable ASCII; of names that differ in case only, the first in ordinal order is sent.
    /// Redirects are not followed, and no cookies, proxy, credentials or decompression are used.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Settings made in code; they win over the configuration.</param>
    /// <returns>The builder.</returns>
    public static PostofficeBuilder AddHttpTransport(this PostofficeBuilder builder, Action<HttpTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var services = builder.Services;
        var options = services.AddOptions<HttpTransportOptions>().BindConfiguration(HttpTransportOptions.SectionName).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        // "Try": a second call changes settings and must not make a second transport of the same type.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HttpTransportOptions>, HttpTransportOptionsRules>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITransport, HttpTransport>());
        services.TryAddSingleton(TimeProvider.System);
        return builder;
    }
}
