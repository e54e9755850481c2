using Microsoft.Extensions.Logging;

namespace Postoffice.Storage.Sqlite;

/// <summary>What the stores work on: one file with its lock, its writer and its readers. Opened by the first use, closed by dispose.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly SqliteFile _file;
    private readonly SqliteReaders _readers;
    private volatile bool _isOpen;

    public SqliteDatabase(string path, TimeProvider time, ILogger logger)
    {
        _file = new SqliteFile(path, time);
        Writer = new SqliteWriter(_file, logger);
        _readers = new SqliteReaders(_file);
    }

    public string Path => _file.Path;

    public SqliteWriter Writer { get; }

    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) => Writer.WriteAsync(work, bytes: 0, cancellationToken);

    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        // The writer creates the file and takes its lock; until then there is nothing to read.
        if (!_isOpen)
        {
            await WriteAsync(static _ => true, cancellationToken).ConfigureAwait(false);
            _isOpen = true;
        }

        return await _readers.ReadAsync(read, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        // The writer last: closing the last connection moves the write-ahead log into the file.
        _readers.Dispose();
        Writer.Dispose();
        _file.Dispose();
    }
}
