namespace Postoffice.Testing.PubSub;

/// <summary>
/// Google's own emulator of Pub/Sub: the one that <see cref="HostVariable"/> names, or one of our own from its jar, or a container where a Docker engine answers.
/// Only the second can be stopped and started again. It keeps everything in memory.
/// </summary>
public sealed class PubSubEmulator : IAsyncDisposable
{
    /// <summary>The <c>HOST:PORT</c> of an emulator that runs already.</summary>
    public const string HostVariable = "PUBSUB_EMULATOR_HOST";

    private const string ThreeWays = $"Set {HostVariable} to the HOST:PORT of an emulator that runs, or install the package google-cloud-cli-pubsub-emulator "
        + $"and Java (or name the emulator's jar in {EmulatorJar.Variable}), or start a Docker engine.";

    private const string OwnOnly = "A test that stops it needs one of its own, whatever else is there: install the package google-cloud-cli-pubsub-emulator "
        + $"and Java, or name the emulator's jar in {EmulatorJar.Variable}.";

    private readonly IEmulatorSource _source;

    private PubSubEmulator(IEmulatorSource source) => _source = source;

    /// <summary>Which of the three ways it is, for the test's output.</summary>
    public string Description => _source.Description;

    /// <summary><c>HOST:PORT</c>.</summary>
    public string Host => _source.Host;

    /// <summary>Finds or starts an emulator; without one the reason says what was tried and what to do.</summary>
    public static async Task<(PubSubEmulator? Emulator, string? Reason)> TryStartAsync(CancellationToken cancellationToken = default)
    {
        if (Environment.GetEnvironmentVariable(HostVariable) is { Length: > 0 } host)
        {
            // One that was asked for by name is used or the tests fail; nothing else is tried instead.
            return (new PubSubEmulator(new GivenEmulator(host)), null);
        }

        var (local, noLocal) = await LocalEmulator.TryStartAsync(cancellationToken);
        if (local is not null)
        {
            return (new PubSubEmulator(local), null);
        }

        var (container, noContainer) = await ContainerEmulator.TryStartAsync(cancellationToken);
        return container is not null
            ? (new PubSubEmulator(container), null)
            : (null, $"No Pub/Sub emulator for the tests: {HostVariable} is not set; {noLocal}; {noContainer}. {ThreeWays}");
    }

    /// <summary>Starts one of our own, for tests that stop it; null, and why, when the jar or Java is not there.</summary>
    public static async Task<(PubSubEmulator? Emulator, string? Reason)> TryStartLocalAsync(CancellationToken cancellationToken = default)
    {
        var (local, reason) = await LocalEmulator.TryStartAsync(cancellationToken);
        return (local is null ? null : new PubSubEmulator(local), reason is null ? null : $"No Pub/Sub emulator of our own: {reason}. {OwnOnly}");
    }

    /// <summary>Ends it at once, as a crash does; everything in it is gone.</summary>
    public Task KillAsync() => Local.KillAsync();

    /// <summary>Starts it again on the same port, empty.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken) => Local.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private LocalEmulator Local => _source as LocalEmulator ?? throw new InvalidOperationException($"{Description} cannot be stopped.");
}

/// <summary>One of the ways to come by an emulator.</summary>
internal interface IEmulatorSource : IAsyncDisposable
{
    string Description { get; }

    string Host { get; }
}

/// <summary>An emulator that is there already; left as it is.</summary>
internal sealed class GivenEmulator(string host) : IEmulatorSource
{
    public string Description => $"The emulator of {PubSubEmulator.HostVariable}";

    public string Host => host;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
