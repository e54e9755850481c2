using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Postoffice.Storage.Sqlite;

/// <summary>
/// The one connection that writes, on a thread of its own, with group commit: all that is queued when a transaction begins goes into it, each piece of work
/// in a savepoint of its own, so that one that throws is rolled back alone. Callers hear after the commit. Idle, nothing waits.
/// </summary>
internal sealed partial class SqliteWriter : IDisposable
{
    // Bounds how long the first of a group waits for the last.
    private const int MaxGroupItems = 64;
    private const long MaxGroupBytes = 4 * 1024 * 1024;

    private readonly SqliteFile _file;
    private readonly ILogger _logger;
    private readonly BlockingCollection<SqliteWork> _queue = [];
    private readonly Thread _thread;
    private SqliteSession? _session;
    private long _commits;
    private bool _isFailing;

    public SqliteWriter(SqliteFile file, ILogger logger)
    {
        _file = file;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "Postoffice SQLite writer" };
        _thread.Start();
    }

    /// <summary>How many transactions were committed.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Runs <paramref name="work"/> inside a transaction on the writer's thread.</summary>
    /// <param name="work">What to do on the connection. What it throws, the caller gets.</param>
    /// <param name="bytes">About how much it writes, to bound the group.</param>
    /// <param name="cancellationToken">Cancels the wait; once begun, the work may be committed all the same.</param>
    /// <returns>What <paramref name="work"/> returned, once it is durable.</returns>
    /// <exception cref="StorageUnavailableException">The transaction could not be begun or committed.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, long bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var queued = new SqliteWork<T>(work, bytes, cancellationToken);
        try
        {
            _queue.Add(queued, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteDatabase));
        }

        return queued.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Finishes what is queued, then closes the connection.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
    }

    private void Run()
    {
        var group = new List<SqliteWork>(MaxGroupItems);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            group.Add(first);
            for (var bytes = first.Bytes; group.Count < MaxGroupItems && bytes < MaxGroupBytes && _queue.TryTake(out var next); bytes += next.Bytes)
            {
                group.Add(next);
            }

            WriteGroup(group);
            group.Clear();
        }

        Close();
    }

    private void WriteGroup(List<SqliteWork> group)
    {
        try
        {
            _session ??= _file.OpenWriter();
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var work in group)
            {
                RunInSavepoint(_session, work);
            }

            _session.Execute("COMMIT");
        }
        catch (Exception exception)
        {
            Fail(group, exception);
            return;
        }

        Interlocked.Increment(ref _commits);
        if (_isFailing)
        {
            _isFailing = false;
            Log.Recovered(_logger, _file.Path);
        }

        // Rolled back alone, but what it met may have damaged the connection for those that come next.
        if (group.Exists(static work => work.Error is SqliteException error && SqliteErrors.BreaksConnection(error)))
        {
            Close();
        }

        foreach (var work in group)
        {
            work.Complete(_file.Path);
        }
    }

    private static void RunInSavepoint(SqliteSession session, SqliteWork work)
    {
        if (!work.TryBegin())
        {
            return;
        }

        session.Execute("SAVEPOINT work");
        try
        {
            work.Run(session);
        }
        catch (Exception exception)
        {
            // A full disk or a failed read may have rolled back everything: then the whole group has failed.
            if (!session.IsInTransaction)
            {
                throw;
            }

            session.Execute("ROLLBACK TO work");
            work.Error = exception;
        }

        session.Execute("RELEASE work");
    }

    /// <summary>Rolls back, drops the connection when it may be damaged (the next group opens a new one), and tells every caller of the group.</summary>
    private void Fail(List<SqliteWork> group, Exception exception)
    {
        // Opening may also be refused for good, since another process uses the file: that is for the callers to know.
        var error = _session is null ? SqliteErrors.Translate(exception, _file.Path) : SqliteErrors.TranslateGroup(exception, _file.Path);
        if (!_isFailing)
        {
            _isFailing = true;
            Log.Failed(_logger, error, _file.Path);
        }

        try
        {
            if (_session is { IsInTransaction: true })
            {
                _session.Execute("ROLLBACK");
            }

            if (SqliteErrors.BreaksConnection(exception))
            {
                Close();
            }
        }
        catch (Exception rollback)
        {
            Log.RollbackFailed(_logger, rollback, _file.Path);
            Close();
        }

        foreach (var work in group)
        {
            work.Fail(work.Error is null ? error : SqliteErrors.Translate(work.Error, _file.Path));
        }
    }

    private void Close()
    {
        try
        {
            _session?.Dispose();
        }
        catch (Exception exception)
        {
            Log.RollbackFailed(_logger, exception, _file.Path);
        }

        _session = null;
    }

    private static partial class Log
    {
        // In the room of start and storage: Core's EventIds end before 150.
        private const int WritesFailed = 150;
        private const int WritesRecovered = 151;
        private const int NotRolledBack = 152;

        [LoggerMessage(WritesFailed, LogLevel.Error, "The SQLite file {Path} takes no writes; they are refused until it does again")]
        public static partial void Failed(ILogger logger, Exception exception, string path);

        [LoggerMessage(WritesRecovered, LogLevel.Information, "The SQLite file {Path} takes writes again")]
        public static partial void Recovered(ILogger logger, string path);

        [LoggerMessage(NotRolledBack, LogLevel.Warning, "A failed transaction on the SQLite file {Path} was not rolled back; the connection is opened anew")]
        public static partial void RollbackFailed(ILogger logger, Exception exception, string path);
    }
}
