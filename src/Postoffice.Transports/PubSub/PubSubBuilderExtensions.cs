using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Postoffice.Transports;
using Postoffice.Transports.PubSub;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds delivery to Google Cloud Pub/Sub to Postoffice.</summary>
public static class PubSubBuilderExtensions
{
    /// <summary>
    /// Adds the transport for publishers of type <c>pubsub</c>. Settings come from the section <c>Postoffice:PubSub</c> of the application's configuration, then from
    /// <paramref name="configure"/>, and what neither names from <c>GCLOUD_PUBSUB_PROJECT_ID</c>, <c>PUBSUB_EMULATOR_HOST</c> and
    /// <c>GOOGLE_APPLICATION_CREDENTIALS</c>; the host refuses to start with one that is out of range.
    /// </summary>
    /// <remarks>
    /// A target is the id of a Pub/Sub topic in the project that is set, or the full name of any. Up to the publisher's <c>chunk_size</c> messages, 100 unless set, go
    /// out in one call. Each has the payload, byte for byte, as its data, and the message's attributes with two of ours: <c>message-id</c> (the message's id, in
    /// place of any attribute of that name) and <c>traceparent</c> when the message has one and there is room for it. The ordering key is passed on by publishers
    /// that order by key.
    /// <para>
    /// Google's library reads credentials by reflection. An application that is trimmed or compiled ahead of time must keep it whole, or no credentials are
    /// understood: <c>TrimmerRootAssembly</c> items for <c>Google.Apis.Auth</c>, <c>Google.Apis.Core</c> and <c>Newtonsoft.Json</c>. An emulator needs none of it.
    /// </para>
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Settings made in code; they win over the configuration.</param>
    /// <returns>The builder.</returns>
    public static PostofficeBuilder AddPubSubTransport(this PostofficeBuilder builder, Action<PubSubTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var services = builder.Services;
        var options = services.AddOptions<PubSubTransportOptions>().BindConfiguration(PubSubTransportOptions.SectionName).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        // "Try": a second call changes settings and must not make a second transport of the same type.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<PubSubTransportOptions>, PubSubTransportDefaults>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PubSubTransportOptions>, PubSubTransportOptionsRules>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITransport, PubSubTransport>());
        services.TryAddSingleton<PubSubCredentials>();
        services.TryAddSingleton(TimeProvider.System);
        return builder;
    }
}
