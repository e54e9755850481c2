using System.Globalization;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;

namespace Postoffice.Testing.PubSub;

/// <summary>An emulator in a container, where a Docker engine answers.</summary>
internal sealed class ContainerEmulator : IEmulatorSource
{
    private const string Image = "google/cloud-sdk:emulators";
    private const ushort Port = 8085;

    private readonly IContainer _container;

    private ContainerEmulator(IContainer container) => _container = container;

    public string Description => $"A container of {Image}";

    public string Host => $"{_container.Hostname}:{_container.GetMappedPublicPort(Port).ToString(CultureInfo.InvariantCulture)}";

    /// <returns>The emulator, or why there is none.</returns>
    public static async Task<(ContainerEmulator? Emulator, string? Reason)> TryStartAsync(CancellationToken cancellationToken)
    {
        IContainer? container = null;
        try
        {
            container = new ContainerBuilder(Image)
                .WithPortBinding(Port, assignRandomHostPort: true)
                .WithCommand("gcloud", "beta", "emulators", "pubsub", "start", $"--host-port=0.0.0.0:{Port}")
                .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("Server started, listening on"))
                .Build();
            await container.StartAsync(cancellationToken);
            return (new ContainerEmulator(container), null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // No engine, or one that can't fetch the image.
            if (container is not null)
            {
                await container.DisposeAsync();
            }

            return (null, $"no container ({exception.Message.Split('\n')[0].Trim()})");
        }
    }

    public ValueTask DisposeAsync() => _container.DisposeAsync();
}
