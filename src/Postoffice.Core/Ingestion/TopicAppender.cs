using Postoffice.Diagnostics;
using Postoffice.Messages;
using Postoffice.Pipeline;
using Postoffice.Storage;
using Postoffice.Topics;

namespace Postoffice.Ingestion;

/// <summary>
/// Appends to one topic by group commit: one append is in flight, and all that is published meanwhile goes into the next. When nothing is in flight
/// a publish goes out at once, so nobody waits for others. Every caller's answer waits for the commit.
/// </summary>
internal sealed class TopicAppender(Topic topic, IMessageLog log, TopicReaders readers, IngestionOptions options, IngestionMetrics metrics, TimeProvider time)
{
    /// <summary>One commit holds no more payload than this, unless a single request does.</summary>
    private const long MaxBatchBytes = 8 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private bool _isRunning;

    /// <returns>Where the request went; null when the topic is not there any more.</returns>
    public Task<AppendResult?> AppendAsync(AppendRequest request)
    {
        var waiting = new Waiting(request);
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (_isRunning)
            {
                return waiting.Task;
            }

            _isRunning = true;
        }

        _ = RunAsync();
        return waiting.Task;
    }

    private async Task RunAsync()
    {
        while (TakeBatch() is { } batch)
        {
            try
            {
                await AppendAsync(batch).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // Each caller hears of it; the next batch is none the worse.
                foreach (var waiting in batch)
                {
                    waiting.SetException(exception);
                }
            }
        }
    }

    /// <summary>Takes what waits, up to the limits; requests with an idempotency key that stands in the batch already stay for the next.</summary>
    private List<Waiting>? TakeBatch()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _isRunning = false;
                return null;
            }

            var batch = new List<Waiting>(Math.Min(_waiting.Count, options.MaxBatchMessages));
            var messages = 0;
            var bytes = 0L;
            _keys.Clear();
            while (_waiting.TryPeek(out var next))
            {
                messages += next.Request.Messages.Count;
                bytes += next.Bytes;
                var isFull = messages > options.MaxBatchMessages || bytes > MaxBatchBytes;
                if (batch.Count > 0 && (isFull || (next.Request.IdempotencyKey is { } key && _keys.Contains(key))))
                {
                    break;
                }

                if (next.Request.IdempotencyKey is { } added)
                {
                    _keys.Add(added);
                }

                batch.Add(_waiting.Dequeue());
            }

            return batch;
        }
    }

    private async Task AppendAsync(List<Waiting> batch)
    {
        var requests = new AppendRequest[batch.Count];
        for (var index = 0; index < requests.Length; index++)
        {
            requests[index] = batch[index].Request;
        }

        var start = time.GetTimestamp();
        var results = await log.AppendAsync(topic.Id, requests, CancellationToken.None).ConfigureAwait(false);
        if (results is null)
        {
            foreach (var waiting in batch)
            {
                waiting.SetResult(null);
            }

            return;
        }

        var appended = HandOver(requests, results);
        if (appended > 0)
        {
            metrics.Appended(topic.Name, appended, time.GetElapsedTime(start));
        }

        for (var index = 0; index < results.Length; index++)
        {
            batch[index].SetResult(results[index]);
        }
    }

    /// <summary>
    /// Hands what is committed to the readers on this node, so that publishers at the tail need not read it. They get copies: the payloads are the callers'
    /// again when their publishes have returned, and the publishers send later.
    /// </summary>
    private int HandOver(AppendRequest[] requests, AppendResult[] results)
    {
        var isRead = readers.IsRead(topic.Id);
        var messages = new List<Message>(isRead ? requests.Length : 0);
        var count = 0;
        for (var index = 0; index < requests.Length; index++)
        {
            if (results[index].Repeated)
            {
                continue;
            }

            var position = results[index].FirstPosition;
            foreach (var message in requests[index].Messages)
            {
                count++;
                if (isRead)
                {
                    messages.Add(message.CopyAt(topic.Id, position++, results[index].ReceivedAt));
                }
            }
        }

        if (messages.Count > 0)
        {
            readers.Offer(topic.Id, messages);
        }

        return count;
    }

    private sealed class Waiting(AppendRequest request) : TaskCompletionSource<AppendResult?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public AppendRequest Request => request;

        public long Bytes { get; } = request.Messages.Sum(static message => (long)message.Payload.Length);
    }
}
