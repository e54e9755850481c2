using System.Collections.Concurrent;

namespace Postoffice.Storage.Sqlite;

/// <summary>
/// A few connections that only read, each with its prepared statements. With a write-ahead log they never wait for the writer, nor it for them.
/// </summary>
internal sealed class SqliteReaders(SqliteFile file) : IDisposable
{
    private static readonly int Size = Math.Clamp(Environment.ProcessorCount, 4, 8);

    private readonly SemaphoreSlim _slots = new(Size);
    private readonly ConcurrentStack<SqliteSession> _idle = new();
    private volatile bool _isDisposed;

    /// <summary>Runs <paramref name="read"/> on the thread pool: SQLite reads block, mostly for microseconds, now and then for the disk.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteDatabase));
            return await Task.Run(() => Read(read), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Waits for the reads under way, then closes the connections.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        for (var i = 0; i < Size; i++)
        {
            _slots.Wait();
        }

        while (_idle.TryPop(out var session))
        {
            session.Dispose();
        }

        // Whoever still waits for a slot learns that it is over.
        _slots.Release(Size);
    }

    private T Read<T>(Func<SqliteSession, T> read)
    {
        SqliteSession? session = null;
        try
        {
            if (!_idle.TryPop(out session))
            {
                session = file.OpenReader();
            }

            var result = read(session);
            _idle.Push(session);
            return result;
        }
        catch (Exception exception)
        {
            // Reopening is cheap and leaves no doubt about the connection's state.
            session?.Dispose();
            if (SqliteErrors.Translate(exception, file.Path) is StorageUnavailableException unavailable && unavailable != exception)
            {
                throw unavailable;
            }

            throw;
        }
    }
}
