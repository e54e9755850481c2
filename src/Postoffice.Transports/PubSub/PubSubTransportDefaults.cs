using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Postoffice.Transports.PubSub;

/// <summary>Takes what nobody has set from the names by which Google's own tools, and the original service, know it.</summary>
internal sealed class PubSubTransportDefaults(IConfiguration configuration) : IPostConfigureOptions<PubSubTransportOptions>
{
    public const string ProjectIdKey = "GCLOUD_PUBSUB_PROJECT_ID";
    public const string EmulatorHostKey = "PUBSUB_EMULATOR_HOST";
    public const string CredentialsFileKey = "GOOGLE_APPLICATION_CREDENTIALS";

    public void PostConfigure(string? name, PubSubTransportOptions options)
    {
        options.ProjectId = Given(options.ProjectId, ProjectIdKey);
        options.EmulatorHost = Given(options.EmulatorHost, EmulatorHostKey);
        options.CredentialsFile = Given(options.CredentialsFile, CredentialsFileKey);
    }

    // The environment is asked too: an application whose configuration leaves it out must not call the real service where everything else calls the emulator.
    private string? Given(string? value, string key) => new[] { value, configuration[key], Environment.GetEnvironmentVariable(key) }
        .FirstOrDefault(candidate => !string.IsNullOrWhiteSpace(candidate))?.Trim();
}
