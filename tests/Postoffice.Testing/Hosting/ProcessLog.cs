namespace Postoffice.Testing.Hosting;

/// <summary>The last lines a process wrote, and a signal for one that is waited for.</summary>
internal sealed class ProcessLog
{
    private const int MaxLines = 2_000;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private (string Text, TaskCompletionSource Seen)? _awaited;

    /// <summary>Completes with the first line from now on that contains <paramref name="text"/>, in any case of letters.</summary>
    public Task NextLineWith(string text)
    {
        lock (_lock)
        {
            _awaited = (text, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _awaited.Value.Seen.Task;
        }
    }

    /// <param name="line">Null at the end of the stream.</param>
    public void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lock)
        {
            if (_lines.Count == MaxLines)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line);
            if (_awaited is { } awaited && line.Contains(awaited.Text, StringComparison.OrdinalIgnoreCase))
            {
                awaited.Seen.TrySetResult();
            }
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Join('\n', _lines);
        }
    }
}
