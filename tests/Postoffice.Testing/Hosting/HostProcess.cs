using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Postoffice.Testing.Hosting;

/// <summary>
/// The built host as a real process: one directory, one port and one set of settings, which can be started, stopped, killed and started again.
/// It is killed when this process ends, whatever way that happens.
/// </summary>
public sealed class HostProcess : IAsyncDisposable
{
    private const int SigTerm = 15;

    // The shell becomes the host, so that the process id is the host's. Its child reads our end of a pipe, which closes when this process dies.
    private const string StartAndWatch = """
        exec 3<&0
        (cat <&3 >/dev/null; kill -9 $$) >/dev/null 2>&1 &
        exec "$@" </dev/null 3<&-
        """;

    private readonly Dictionary<string, string> _settings;
    private readonly HostLog _log = new();
    private Process? _process;

    /// <param name="settings">Environment variables, such as <c>Postoffice__Pipeline__MaxDemand</c>.</param>
    public HostProcess(IReadOnlyDictionary<string, string>? settings = null)
    {
        _settings = new(settings ?? new Dictionary<string, string>());
        Directory = System.IO.Directory.CreateTempSubdirectory("postoffice-host-").FullName;
        Address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        Client = new PostofficeClient(Address);
    }

    /// <summary>The working directory: without settings the database is in <c>data/postoffice.db</c> below it.</summary>
    public string Directory { get; }

    public Uri Address { get; }

    public PostofficeClient Client { get; }

    /// <summary>What the host has written so far, over all its starts.</summary>
    public string Log => _log.ToString();

    public int ProcessId => Running.Id;

    /// <summary>How many bytes of memory the process holds at this moment.</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{ProcessId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
        }
    }

    private Process Running => _process ?? throw new InvalidOperationException("The host is not running.");

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
        var listening = _log.NextLineWith("listening on");
        Launch();
        var exited = Running.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(listening, exited).WaitAsync(cancellationToken) == exited)
        {
            await exited;
            throw new InvalidOperationException($"The host ended with exit code {Running.ExitCode} before it was ready:\n{Log}");
        }

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
        Running.Kill();
        await EndAsync(CancellationToken.None);
    }

    /// <summary>Asks the process to stop (SIGTERM).</summary>
    public void RequestStop()
    {
        if (Kill(ProcessId, SigTerm) != 0)
        {
            throw new InvalidOperationException($"Process {ProcessId} cannot be signalled: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    /// <summary>Asks the process to stop (SIGTERM) and waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        RequestStop();
        return await EndAsync(cancellationToken);
    }

    /// <summary>Waits for the end of a process that was asked to stop.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await Running.WaitForExitAsync(cancellationToken);
        var exitCode = Running.ExitCode;
        Release();
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        Release();
        Client.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Launch()
    {
        if (_process is { HasExited: false })
        {
            throw new InvalidOperationException("The host is running already.");
        }

        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "-c", StartAndWatch, "host", BuiltProject.DotnetPath, BuiltProject.Find("src", "Postoffice.Host") },
        };
        foreach (var inherited in start.Environment.Keys.Where(IsOfHost).ToList())
        {
            start.Environment.Remove(inherited);
        }

        start.Environment["ASPNETCORE_URLS"] = Address.ToString();
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _log.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => _log.Add(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Release()
    {
        // Ends the watching shell too, which would otherwise wait for the end of this process.
        _process?.StandardInput.Dispose();
        _process?.Dispose();
        _process = null;
    }

    private static bool IsOfHost(string variable) =>
        variable.StartsWith("Postoffice__", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
