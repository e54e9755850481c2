using System.Globalization;
using Postoffice.Testing.Hosting;

namespace Postoffice.Testing.PubSub;

/// <summary>An emulator of our own, as a process: one port, to be started, killed and started again.</summary>
internal sealed class LocalEmulator : IEmulatorSource
{
    private const string MainClass = "com.google.cloud.pubsub.testing.v1.Main";

    private readonly string _jar;
    private readonly string _java;
    private readonly int _port = FreePort.Take();
    private readonly ProcessLog _log = new();
    private ChildProcess? _process;

    private LocalEmulator(string jar, string java) => (_jar, _java) = (jar, java);

    public string Description => $"An emulator of our own ({_jar}, port {_port})";

    public string Host => $"127.0.0.1:{_port}";

    /// <returns>The emulator, or why there is none.</returns>
    public static async Task<(LocalEmulator? Emulator, string? Reason)> TryStartAsync(CancellationToken cancellationToken)
    {
        var (jar, java, reason) = EmulatorJar.Find();
        if (jar is null || java is null)
        {
            return (null, reason);
        }

        var emulator = new LocalEmulator(jar, java);
        try
        {
            await emulator.StartAsync(cancellationToken);
            return (emulator, null);
        }
        catch (Exception exception)
        {
            await emulator.DisposeAsync();
            if (exception is InvalidOperationException)
            {
                return (null, exception.Message);
            }

            throw;
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The emulator runs already.");
        }

        var ready = _log.NextLineWith("Server started, listening on");
        string[] command = [_java, "-Xmx256m", "-cp", _jar, MainClass, "--host=127.0.0.1", "--port=" + _port.ToString(CultureInfo.InvariantCulture)];
        _process = ChildProcess.StartCommand("The Pub/Sub emulator", command, Path.GetTempPath(), new Dictionary<string, string?>(), _log);
        await _process.WaitAsync(ready, cancellationToken);
    }

    public async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _process, null) is { } process)
        {
            process.Kill();
            await process.EndAsync(CancellationToken.None);
            await process.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
