using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Postoffice.Testing.PostgreSql;

/// <summary>
/// A server of our own from the binaries on this machine, in a temporary folder, on a free port of 127.0.0.1. A shell keeps watch over it: when the test
/// process is gone, however it went, the shell's standard input ends, and it stops the server and removes the folder.
/// </summary>
internal sealed class LocalPostgres : IPostgresServerSource
{
    // Ctrl-C goes to the whole group of processes: the shell ignores it, or nobody would be left to stop the server.
    private const string WatchScript = """
        trap '' INT TERM HUP
        bin=$1 folder=$2 options=$3
        "$bin/pg_ctl" start -D "$folder/data" -l "$folder/log" -w -t 60 -o "$options" </dev/null >/dev/null 2>&1 || { echo failed; exit 1; }
        echo ready
        if read -r mode; then
            "$bin/pg_ctl" stop -D "$folder/data" -m "$mode" -w -t 60 </dev/null >/dev/null 2>&1
        else
            "$bin/pg_ctl" stop -D "$folder/data" -m immediate -w -t 60 </dev/null >/dev/null 2>&1
            rm -rf "$folder"
        fi
        """;

    private const string InitScript = """
        mkdir -p "$2" && chmod 700 "$2" && "$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync
        """;

    private readonly string _bin;
    private readonly string _folder;
    private readonly string[] _asUser;
    private readonly int _port;
    private readonly bool _fsync;
    private Process? _watch;

    private LocalPostgres(string bin, string folder, string[] asUser, bool fsync)
    {
        _bin = bin;
        _folder = folder;
        _asUser = asUser;
        _fsync = fsync;
        _port = FindFreePort();
    }

    public string Description => $"A server of our own ({_bin}, port {_port})";

    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = IPAddress.Loopback.ToString(),
        Port = _port,
        Username = "postgres",
        Database = "postgres",
    }.ConnectionString;

    /// <returns>The server, or why there is none.</returns>
    public static async Task<(LocalPostgres? Server, string? Reason)> TryStartAsync(bool fsync, CancellationToken cancellationToken)
    {
        if (await PostgresBinaries.FindFolderAsync(cancellationToken) is not { } bin)
        {
            return (null, "no PostgreSQL binaries on this machine");
        }

        if (FindUnprivilegedUser() is not { } asUser)
        {
            return (null, "PostgreSQL does not run as root, and neither setpriv nor runuser is there to start it as another user");
        }

        var server = new LocalPostgres(bin, Path.Combine(Path.GetTempPath(), $"postoffice-postgres-{Guid.NewGuid():N}"), asUser, fsync);
        try
        {
            await server.InitializeAsync(cancellationToken);
            await server.StartAsync(cancellationToken);
            return (server, null);
        }
        catch (Exception exception)
        {
            await server.DisposeAsync();
            if (exception is InvalidOperationException)
            {
                return (null, exception.Message);
            }

            throw;
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_watch is not null)
        {
            throw new InvalidOperationException("The server runs already.");
        }

        // full_page_writes and synchronous_commit stay on: fsync alone decides whether a commit waits for the disk.
        var options = $"-p {_port} -k '{_folder}' -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync={(_fsync ? "on" : "off")}";
        _watch = Start(WatchScript, _bin, _folder, options);
        if (await _watch.StandardOutput.ReadLineAsync(cancellationToken) != "ready")
        {
            await _watch.WaitForExitAsync(cancellationToken);
            _watch.Dispose();
            _watch = null;
            throw new InvalidOperationException($"PostgreSQL ({_bin}) did not start: {await ReadLogAsync()}");
        }
    }

    public async Task StopAsync(PostgresStopMode mode, CancellationToken cancellationToken)
    {
        if (_watch is null)
        {
            throw new InvalidOperationException("The server does not run.");
        }

        await _watch.StandardInput.WriteLineAsync(mode == PostgresStopMode.Fast ? "fast" : "immediate");
        await _watch.StandardInput.FlushAsync(cancellationToken);
        await _watch.WaitForExitAsync(cancellationToken);
        _watch.Dispose();
        _watch = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
        {
            // As when the test process dies: the shell stops the server and removes the folder.
            _watch.StandardInput.Close();
            await _watch.WaitForExitAsync();
            _watch.Dispose();
            _watch = null;
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        using var process = Start(InitScript, _bin, _folder);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        await output;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"initdb ({_bin}) failed: {errors.Trim()}");
        }
    }

    private Process Start(string script, params string[] arguments)
    {
        string[] command = [.. _asUser, "sh", "-c", script, "sh", .. arguments];
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // The user that it runs as may not be allowed to enter ours.
            WorkingDirectory = "/",
        };
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private async Task<string> ReadLogAsync()
    {
        var log = Path.Combine(_folder, "log");
        return File.Exists(log) ? (await File.ReadAllTextAsync(log)).Trim() : "it wrote no log";
    }

    /// <returns>What to put before a command so that it does not run as root; empty when we are not; null when there is no way.</returns>
    private static string[]? FindUnprivilegedUser()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return [];
        }

        var user = File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
        return FindProgram("setpriv") is { } setpriv ? [setpriv, $"--reuid={user}", "--regid", GroupOf(user), "--clear-groups", "--"]
            : FindProgram("runuser") is { } runuser ? [runuser, "-u", user, "--"]
            : null;
    }

    private static string GroupOf(string user) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(fields => fields[0] == user)[3];

    private static string? FindProgram(string name) =>
        new[] { "/usr/bin", "/bin", "/usr/sbin", "/sbin" }.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
