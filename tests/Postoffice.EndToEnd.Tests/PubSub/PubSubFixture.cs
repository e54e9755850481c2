using Postoffice.Testing.PubSub;

namespace Postoffice.EndToEnd.Tests.PubSub;

/// <summary>
/// Google's emulator, one for the assembly, started with the first test that asks; each test has a project of its own. Without one tests are skipped on a laptop and
/// fail in CI.
/// </summary>
public sealed class PubSubFixture : IAsyncLifetime
{
    private readonly Lazy<Task<(PubSubEmulator? Emulator, string? Reason)>> _emulator = new(() => PubSubEmulator.TryStartAsync());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    internal async Task<PubSubEmulator> GetAsync() => Require(await _emulator.Value);

    /// <summary>One of the test's own, to be stopped and started; where only another's can be had the test is skipped, for there is nothing that it may stop.</summary>
    internal async Task<PubSubEmulator> StartOwnAsync(CancellationToken cancellationToken)
    {
        var own = await PubSubEmulator.TryStartLocalAsync(cancellationToken);
        if (own.Emulator is null && (await _emulator.Value).Emulator is not null)
        {
            Assert.Skip(own.Reason ?? "");
        }

        return Require(own);
    }

    private static PubSubEmulator Require((PubSubEmulator? Emulator, string? Reason) found)
    {
        Assert.SkipWhen(found.Emulator is null && Environment.GetEnvironmentVariable("CI") is null, found.Reason ?? "");
        return found.Emulator ?? throw new InvalidOperationException(found.Reason);
    }

    public async ValueTask DisposeAsync()
    {
        if (_emulator.IsValueCreated && (await _emulator.Value).Emulator is { } emulator)
        {
            await emulator.DisposeAsync();
        }
    }
}
