using Postoffice.Transports;
using Postoffice.Transports.PubSub;

namespace Postoffice.Host;

/// <summary>HTTP always; Google Cloud Pub/Sub when a project is set.</summary>
internal static class TransportChoice
{
    private const string ProjectIdKey = $"{PubSubTransportOptions.SectionName}:{nameof(PubSubTransportOptions.ProjectId)}";

    public static PostofficeBuilder AddConfiguredTransports(this PostofficeBuilder builder, IConfiguration configuration)
    {
        builder.AddHttpTransport();
        if (!string.IsNullOrWhiteSpace(configuration[ProjectIdKey]) || !string.IsNullOrWhiteSpace(configuration[PubSubTransportDefaults.ProjectIdKey]))
        {
            return builder.AddPubSubTransport();
        }

        // Whoever asks for it is told what is missing.
        builder.Services.AddSingleton(new UnconfiguredTransport(
            PubSubTransport.TypeName, $"set {ProjectIdKey} (or {PubSubTransportDefaults.ProjectIdKey}) to the id of your Google Cloud project and start again"));
        return builder;
    }
}
