using Microsoft.Extensions.Options;

namespace Postoffice.Transports.PubSub;

/// <summary>The rules of <see cref="PubSubTransportOptions"/>, judged when the host starts.</summary>
internal sealed class PubSubTransportOptionsRules : IValidateOptions<PubSubTransportOptions>
{
    private static readonly TimeSpan ShortestConnectTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestConnectTimeout = TimeSpan.FromMinutes(2);

    public ValidateOptionsResult Validate(string? name, PubSubTransportOptions options)
    {
        List<string> failures = [];
        if (options.ProjectId is { } project && PubSubTarget.CheckProject(project) is { } error)
        {
            failures.Add($"{Setting(nameof(options.ProjectId))} (\"{project}\") {error}.");
        }

        if (options.EmulatorHost is { } emulator)
        {
            if (PubSubEndpoint.OfEmulator(emulator) is null)
            {
                failures.Add($"{Setting(nameof(options.EmulatorHost))} (\"{emulator}\") is no HOST:PORT: give one such as localhost:8085, without a scheme or a path.");
            }
        }
        else if (PubSubEndpoint.Check(options.Endpoint) is { } endpoint)
        {
            failures.Add($"{Setting(nameof(options.Endpoint))} (\"{options.Endpoint}\") {endpoint}.");
        }

        if (options.ConnectTimeout < ShortestConnectTimeout || options.ConnectTimeout > LongestConnectTimeout)
        {
            failures.Add($"{Setting(nameof(options.ConnectTimeout))} ({options.ConnectTimeout}) is out of range: "
                + $"give a value from {ShortestConnectTimeout} to {LongestConnectTimeout}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static string Setting(string name) => $"{PubSubTransportOptions.SectionName}:{name}";
}
