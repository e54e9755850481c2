using Microsoft.Data.Sqlite;

namespace Postoffice.Storage.Sqlite;

/// <summary>The database file: locked for this process while it is in use, and opened the same way by writer and readers.</summary>
internal sealed class SqliteFile(string path, TimeProvider time) : IDisposable
{
    // The operating system drops the lock when the process ends, however it ends. The file itself stays: removing it would let two processes
    // hold locks on two files of the same name.
    private FileStream? _lock;
    private bool _isCreated;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Opens the one connection that writes, with the lock of this process taken first.</summary>
    /// <exception cref="InvalidOperationException">Another process uses the file.</exception>
    /// <exception cref="StorageUnavailableException">The file cannot be opened.</exception>
    public SqliteSession OpenWriter()
    {
        _lock ??= Lock();

        // Created once only: a file that vanished meanwhile must not be replaced by an empty one.
        var session = Open(_isCreated ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadWriteCreate);
        try
        {
            var journal = session.ExecuteOnce("PRAGMA journal_mode = WAL") as string;
            if (journal != "wal")
            {
                throw new StorageUnavailableException(
                    $"The SQLite file {Path} cannot use a write-ahead log (journal mode is \"{journal}\"). Put it on a local disk, not on a network share.");
            }

            // FULL: a commit has reached the disk before a caller hears of it. Checkpoints every 16 MiB: often enough to keep the log small,
            // seldom enough not to write each page twice; after a burst the log shrinks again.
            session.ExecuteOnce("PRAGMA synchronous = FULL");
            session.ExecuteOnce("PRAGMA wal_autocheckpoint = 4000");
            session.ExecuteOnce("PRAGMA journal_size_limit = 67108864");
            session.ExecuteOnce("PRAGMA cache_size = -16384");
            _isCreated = true;
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that only reads; the writer must have opened the file before.</summary>
    public SqliteSession OpenReader()
    {
        var session = Open(SqliteOpenMode.ReadWrite);
        session.ExecuteOnce("PRAGMA query_only = ON");
        return session;
    }

    public void Dispose() => _lock?.Dispose();

    private SqliteSession Open(SqliteOpenMode mode)
    {
        // Without pooling: closing closes the file. The timeout (seconds) ends the client's own loop around SQLite's busy handler.
        var settings = new SqliteConnectionStringBuilder { DataSource = Path, Mode = mode, Pooling = false, DefaultTimeout = 5 };
        var connection = new SqliteConnection(settings.ToString());
        var session = new SqliteSession(connection);
        try
        {
            connection.Open();
            connection.CreateFunction("postoffice_now", () => time.GetUtcNow().ToMicroseconds());
            connection.CreateFunction<long, byte[], long, bool>(
                "postoffice_is_settled",
                static (cursor, settledAbove, position) => SettledSet.Contains(cursor, settledAbove, position),
                isDeterministic: true);
            session.ExecuteOnce("PRAGMA busy_timeout = 5000");
            session.ExecuteOnce("PRAGMA foreign_keys = ON");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private FileStream Lock()
    {
        var lockPath = Path + "-lock";
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            return new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsHeldByAnother(exception))
        {
            throw new InvalidOperationException(
                $"The SQLite file {Path} is used by another process (it holds {lockPath}). SQLite storage is for one process: stop the other one, " +
                $"give this one a file of its own in {SqliteOptions.SectionName}:{nameof(SqliteOptions.Path)}, or use PostgreSQL for several nodes.",
                exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException(
                $"The SQLite file {Path} cannot be used: {exception.Message.TrimEnd('.')}. Give this process the right to write its folder, " +
                $"or name another file in {SqliteOptions.SectionName}:{nameof(SqliteOptions.Path)}.",
                exception);
        }
    }

    // EWOULDBLOCK on Linux (11) and macOS and BSD (35), ERROR_SHARING_VIOLATION on Windows.
    private static bool IsHeldByAnother(IOException exception) =>
        exception.GetType() == typeof(IOException) && exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}
