using Postoffice.Activity;
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
internal sealed class TopicAppender(
    Topic topic, IMessageLog log, TopicReaders readers, IngestionOptions options, IngestionMetrics metrics, ActivityRecorder activity, TimeProvider time)
{
    /// <summary>One commit holds no more payload than this, unless a single request does.</summary>
    private const long MaxBatchBytes = 8 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private bool _isRunning;

    /// <param name="request">What to append.</param>
    /// <param name="cancellationToken">The caller has left: a request that is not under way yet is dropped.</param>
    /// <returns>Where the request went; null when the topic is not there any more.</returns>
    public Task<AppendResult?> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(request, cancellationToken);
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (_isRunning)
            {
                return waiting.Task;
            }

            _isRunning = true;
        }

        // The loop serves many callers: it runs in the context of none.
        using (ExecutionContext.SuppressFlow())
        {
            _ = RunAsync();
        }

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
                // Each caller hears of it; the next batch is none the worse. While the store is away those behind would only wait for the same answer.
                // Taken before anybody hears of it: who asks again upon that is tried again, and not failed with them.
                var others = exception is StorageUnavailableException ? TakeAll() : [];
                Fail(batch, exception);
                Fail(others, exception);
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
                if (next.HasLeft)
                {
                    _waiting.Dequeue().TrySetCanceled();
                    continue;
                }

                messages += next.Request.Messages.Count;
                bytes += next.Request.Size;
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

            // Everyone may have left: then there is nothing to do.
            return batch;
        }
    }

    private List<Waiting> TakeAll()
    {
        lock (_lock)
        {
            var all = _waiting.ToList();
            _waiting.Clear();
            return all;
        }
    }

    private static void Fail(List<Waiting> waiting, Exception exception)
    {
        foreach (var caller in waiting)
        {
            caller.TrySetException(exception);
        }
    }

    private async Task AppendAsync(List<Waiting> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

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
                waiting.TrySetResult(null);
            }

            return;
        }

        var appended = HandOver(requests, results);
        if (appended > 0)
        {
            activity.Received(topic.Id, appended);
            metrics.Appended(topic.Name, appended, time.GetElapsedTime(start));
        }

        for (var index = 0; index < results.Length; index++)
        {
            batch[index].TrySetResult(results[index]);
        }
    }

    /// <summary>Hands what is committed to the readers on this node, so that publishers at the tail need not read it.</summary>
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
                    messages.Add(message.At(topic.Id, position++, results[index].ReceivedAt));
                }
            }
        }

        if (messages.Count > 0)
        {
            readers.Offer(topic.Id, messages);
        }

        return count;
    }

    private sealed class Waiting(AppendRequest request, CancellationToken caller)
        : TaskCompletionSource<AppendResult?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public AppendRequest Request => request;

        /// <summary>Whether the caller has gone.</summary>
        public bool HasLeft => caller.IsCancellationRequested;
    }
}
