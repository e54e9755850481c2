namespace Postoffice.Testing.Hosting;

/// <summary>The built host as a real process: one directory, one port and one set of settings, to be started, stopped, killed and started again.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _environment;
    private readonly ProcessLog _log = new();
    private ChildProcess? _process;

    /// <param name="settings">Environment variables, such as <c>Postoffice__Pipeline__MaxDemand</c>.</param>
    public HostProcess(IReadOnlyDictionary<string, string>? settings = null)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("postoffice-host-").FullName;
        Address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        Client = new PostofficeClient(Address);
        _environment = EnvironmentFor(Address, settings ?? new Dictionary<string, string>());
    }

    /// <summary>The working directory: without settings the database is in <c>data/postoffice.db</c> below it.</summary>
    public string Directory { get; }

    public Uri Address { get; }

    public PostofficeClient Client { get; }

    /// <summary>What the host has written so far, over all its starts.</summary>
    public string Log => _log.ToString();

    /// <exception cref="InvalidOperationException">The host is not running.</exception>
    public ChildProcess Process => _process ?? throw new InvalidOperationException("The host is not running.");

    /// <summary>Makes a host and waits until it answers.</summary>
    public static async Task<HostProcess> StartNewAsync(IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken)
    {
        var host = new HostProcess(settings);
        try
        {
            await host.StartAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the host, again if need be, and waits until it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var ready = _log.NextLineWith("Postoffice is ready");
        Launch();
        await Process.WaitAsync(ready, cancellationToken);
        await Client.GetHealthAsync(cancellationToken);
    }

    /// <summary>Starts the host and waits until it ends by itself: for settings that it must refuse.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Launch();
        return await EndAsync(cancellationToken);
    }

    /// <summary>Ends the process at once, as a crash does (SIGKILL).</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await EndAsync(CancellationToken.None);
    }

    /// <summary>Asks the process to stop (SIGTERM) and waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        Process.RequestStop();
        return await EndAsync(cancellationToken);
    }

    /// <summary>Waits for the end of a process that was asked to stop.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        var exitCode = await Process.EndAsync(cancellationToken);
        await Process.DisposeAsync();
        _process = null;
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Client.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Launch()
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The host is running already.");
        }

        _process = ChildProcess.Start(BuiltProject.Find("src", "Postoffice.Host"), [], Directory, _environment, _log);
    }

    private static Dictionary<string, string?> EnvironmentFor(Uri address, IReadOnlyDictionary<string, string> settings)
    {
        // What is set for the test run is not meant for the host under test.
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsOfHost).ToDictionary(name => name, _ => (string?)null);
        environment["ASPNETCORE_URLS"] = address.ToString();
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return environment;
    }

    private static bool IsOfHost(string variable) =>
        variable.StartsWith("Postoffice__", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || variable is "PUBSUB_EMULATOR_HOST" or "GCLOUD_PUBSUB_PROJECT_ID" or "GOOGLE_APPLICATION_CREDENTIALS";
}
