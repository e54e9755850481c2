namespace Postoffice.Storage.Sqlite;

/// <summary>A queued piece of work and its caller.</summary>
internal abstract class SqliteWork(long bytes)
{
    public long Bytes => bytes;

    /// <summary>What <see cref="Run"/> threw.</summary>
    public Exception? Error { get; set; }

    /// <returns>False when the caller has gone: nothing is done for it.</returns>
    public abstract bool TryBegin();

    public abstract void Run(SqliteSession session);

    public abstract void Complete(string path);

    public abstract void Fail(Exception error);
}

internal sealed class SqliteWork<T>(Func<SqliteSession, T> work, long bytes, CancellationToken cancellationToken) : SqliteWork(bytes)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _completion.Task;

    public override bool TryBegin() => !cancellationToken.IsCancellationRequested || !_completion.TrySetCanceled(cancellationToken);

    public override void Run(SqliteSession session) => _result = work(session);

    public override void Complete(string path)
    {
        if (Error is null)
        {
            _completion.TrySetResult(_result!);
        }
        else
        {
            Fail(SqliteErrors.Translate(Error, path));
        }
    }

    public override void Fail(Exception error)
    {
        // Observed here: a caller that stopped waiting never looks.
        _completion.TrySetException(error);
        _ = _completion.Task.Exception;
    }
}
