using System.Globalization;

namespace Postoffice.Storage.Sqlite;

/// <summary>The schema's versions: numbered SQL files inside the assembly, forward only, each in a transaction of its own.</summary>
internal static class Migrator
{
    private const string ResourcePrefix = "Postoffice.Storage.Sqlite.Migrations.";

    private const string CreateVersionsSql = "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT";

    private const string HasVersionsSql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_versions'";

    private const string VersionSql = "SELECT max(version) FROM schema_versions";

    private const string RecordSql = "INSERT INTO schema_versions (version, applied_at) VALUES (@version, postoffice_now())";

    /// <summary>The migrations by version: <c>0001_initial.sql</c> brings the schema to 1.</summary>
    private static readonly SortedDictionary<int, string> Migrations = new(typeof(Migrator).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
        .ToDictionary(name => int.Parse(name.AsSpan(ResourcePrefix.Length, 4), CultureInfo.InvariantCulture)));

    public static int KnownVersion => Migrations.Keys.Max();

    /// <exception cref="SchemaTooNewException">The schema is newer than this build knows.</exception>
    public static async Task MigrateAsync(SqliteDatabase database, CancellationToken cancellationToken)
    {
        foreach (var (version, resource) in Migrations)
        {
            await database.WriteAsync(session => Apply(session, version, resource), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="SchemaTooNewException">The schema is newer than this build knows.</exception>
    /// <exception cref="InvalidOperationException">The schema is older, or not there.</exception>
    public static void Check(SqliteSession session, string path)
    {
        var version = Version(session);
        if (version < KnownVersion)
        {
            throw new InvalidOperationException(
                $"The schema of the SQLite file {path} has version {version}, this build of Postoffice needs {KnownVersion}. " +
                $"Run the host's migrate command, or set {PostofficeOptions.SectionName}:{nameof(PostofficeOptions.MigrateOnStart)} to true.");
        }
    }

    private static bool Apply(SqliteSession session, int version, string resource)
    {
        // Looked up inside the transaction; anything newer than this build is refused before a table is touched.
        if (Version(session) >= version)
        {
            return false;
        }

        session.ExecuteOnce(CreateVersionsSql);
        session.ExecuteOnce(Text(resource));
        session.Execute(RecordSql, ("@version", version));
        return true;
    }

    /// <returns>The schema's version; 0 when there is none.</returns>
    private static int Version(SqliteSession session)
    {
        if (session.Scalar(HasVersionsSql) is null)
        {
            return 0;
        }

        var version = Convert.ToInt32(session.Scalar(VersionSql) ?? 0, CultureInfo.InvariantCulture);
        return version <= KnownVersion ? version : throw new SchemaTooNewException(version, KnownVersion);
    }

    private static string Text(string resource)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
