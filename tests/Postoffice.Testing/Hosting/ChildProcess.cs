using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Postoffice.Testing.Hosting;

/// <summary>A program, a built one of .NET or another, as a process of its own. It is killed when this process ends, whatever way that happens.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;

    // The shell becomes the program, so that the process id is the program's. Its child reads our end of a pipe, which closes when this process dies.
    private const string StartAndWatch = """
        exec 3<&0
        (cat <&3 >/dev/null; kill -9 $$) >/dev/null 2>&1 &
        exec "$@" </dev/null 3<&-
        """;

    private readonly Process _process;
    private readonly ProcessLog _log;
    private readonly string _program;

    private ChildProcess(Process process, ProcessLog log, string program)
    {
        _process = process;
        _log = log;
        _program = program;
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The processor time it has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>How many bytes of memory it holds at this moment.</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <param name="assembly">The program's assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="environment">Variables to set, or with null to remove.</param>
    /// <param name="log">Takes what it writes.</param>
    internal static ChildProcess Start(
        string assembly, IEnumerable<string> arguments, string directory, IReadOnlyDictionary<string, string?> environment, ProcessLog log) =>
        StartCommand(Path.GetFileName(assembly), [BuiltProject.DotnetPath, assembly, .. arguments], directory, environment, log);

    /// <param name="program">What to call it in an error.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="environment">Variables to set, or with null to remove.</param>
    /// <param name="log">Takes what it writes.</param>
    internal static ChildProcess StartCommand(
        string program, IEnumerable<string> command, string directory, IReadOnlyDictionary<string, string?> environment, ProcessLog log)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "-c", StartAndWatch, "sh" },
        };
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => log.Add(line.Data);
        process.ErrorDataReceived += (_, line) => log.Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process, log, program);
    }

    /// <summary>Starts a web application with the usual log and waits until it listens.</summary>
    /// <param name="assembly">The program's assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <param name="directory">Its working directory; the assembly's unless given.</param>
    public static async Task<ChildProcess> StartServerAsync(
        string assembly, IEnumerable<string> arguments, CancellationToken cancellationToken, string? directory = null)
    {
        var log = new ProcessLog();
        var listening = log.NextLineWith("Now listening on");
        var process = Start(assembly, arguments, directory ?? Path.GetDirectoryName(assembly)!, new Dictionary<string, string?>(), log);
        try
        {
            await process.WaitAsync(listening, cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for a signal of the running program.</summary>
    /// <exception cref="InvalidOperationException">The program ended first; the message holds its log.</exception>
    internal async Task WaitAsync(Task signal, CancellationToken cancellationToken)
    {
        var exited = _process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(signal, exited) == exited)
        {
            await exited;
            throw new InvalidOperationException($"{_program} ended with exit code {_process.ExitCode} before it was ready:\n{_log}");
        }
    }

    /// <summary>Ends the process at once, as a crash does (SIGKILL).</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks the process to stop (SIGTERM).</summary>
    public void RequestStop()
    {
        if (Signal(Id, SigTerm) != 0)
        {
            throw new InvalidOperationException($"Process {Id} cannot be signalled: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    /// <returns>The exit code, once the process has ended.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
            await EndAsync(CancellationToken.None);
        }

        // Ends the watching shell too, which would otherwise wait for the end of this process.
        await _process.StandardInput.DisposeAsync();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int processId, int signal);
}
