using System.Diagnostics;

namespace Postoffice.Testing.PostgreSql;

/// <summary>Finds PostgreSQL's programs on this machine.</summary>
internal static class PostgresBinaries
{
    private const string DebianFolder = "/usr/lib/postgresql";

    /// <returns>
    /// The folder that holds <c>initdb</c> and <c>pg_ctl</c>: one on the PATH, what <c>pg_config</c> says, or the newest of Debian's; null for none.
    /// </returns>
    public static async Task<string?> FindFolderAsync(CancellationToken cancellationToken)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return path.FirstOrDefault(HasServer)
            ?? (await AskPgConfigAsync(cancellationToken) is { } folder && HasServer(folder) ? folder : null)
            ?? FindDebianFolder();
    }

    private static bool HasServer(string folder) =>
        File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")) && File.Exists(Path.Combine(folder, "postgres"));

    private static async Task<string?> AskPgConfigAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("pg_config", "--bindir") { RedirectStandardOutput = true })!;
            var folder = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return folder.Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Not installed.
            return null;
        }
    }

    private static string? FindDebianFolder() => !Directory.Exists(DebianFolder) ? null : Directory.GetDirectories(DebianFolder)
        .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
        .OrderByDescending(folder => int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture))
        .Select(folder => Path.Combine(folder, "bin"))
        .FirstOrDefault(HasServer);
}
