using System.Collections.Concurrent;
using System.Diagnostics;
using Postoffice.Activity;
using Postoffice.Diagnostics;
using Postoffice.Messages;
using Postoffice.Pipeline;
using Postoffice.Storage;
using Postoffice.Topics;

namespace Postoffice.Ingestion;

/// <summary>Takes messages in: judges them, finds the topic, appends or stages, and answers when that is durable.</summary>
internal sealed class MessageIngestion(
    TopicDirectory topics,
    TransportLimits limits,
    IMessageLog log,
    IStagedMessageStore staged,
    StagingRelay relay,
    TopicReaders readers,
    IngestionMetrics metrics,
    ActivityRecorder activity,
    IngestionOptions options,
    TimeProvider time) : IPostoffice
{
    private readonly ConcurrentDictionary<long, TopicAppender> _appenders = new();
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);

    private long _pendingBytes;

    public async Task<PublishedMessage> PublishAsync(string topic, NewMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return (await PublishManyAsync(topic, [message], cancellationToken).ConfigureAwait(false))[0];
    }

    public async Task<IReadOnlyList<PublishedMessage>> PublishManyAsync(
        string topic, IReadOnlyList<NewMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentOutOfRangeException.ThrowIfZero(messages.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(messages.Count, MessageRules.MaxBulkMessages);

        var request = new AppendRequest(Judge(messages));
        var (found, result) = await AppendAsync(topic, request, cancellationToken).ConfigureAwait(false);
        return result.Repeated
            ? await ReadRepeatedAsync(found, request, result.FirstPosition, cancellationToken).ConfigureAwait(false)
            : Published(request, result);
    }

    public async Task<Guid> ScheduleAsync(string topic, NewMessage message, DateTimeOffset deliverAt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(message);

        message = Judge([message])[0];
        for (var isRetry = false; ; isRetry = true)
        {
            var found = await topics.FindAsync(topic, cancellationToken).ConfigureAwait(false);
            await limits.CheckAsync(found, [message], cancellationToken).ConfigureAwait(false);
            var staging = ReserveAsync(message.Size, () => staged.StageAsync(new StagedMessage(found.Id, message, deliverAt), CancellationToken.None));
            if (await staging.WaitAsync(cancellationToken).ConfigureAwait(false) is { } id)
            {
                // Later ones the relay finds by itself; the store's clock may differ a little from ours.
                if (deliverAt <= time.GetUtcNow() + options.RelayInterval + ClockSlack)
                {
                    relay.Wake();
                }

                return id == message.Id ? id : await CheckRepeatedAsync(message, id, cancellationToken).ConfigureAwait(false);
            }

            Forget(found, isRetry);
        }
    }

    /// <summary>The key was used before, for the message <paramref name="earlier"/>: the same message, or a caller's mistake.</summary>
    private async Task<Guid> CheckRepeatedAsync(NewMessage message, Guid earlier, CancellationToken cancellationToken)
    {
        // In this order: it may move from staging to the log between the two looks.
        var isSame = (await staged.FindAsync(earlier, cancellationToken).ConfigureAwait(false)) is { } waiting
            ? message.IsSameAs(waiting.Message)
            : (await log.FindAsync(earlier, cancellationToken).ConfigureAwait(false)) is not { } stored || message.IsSameAs(stored);
        return isSame ? earlier : throw new IdempotencyConflictException(message.IdempotencyKey!);
    }

    /// <summary>Judges each message, and hands on the trace of whoever publishes.</summary>
    private static NewMessage[] Judge(IReadOnlyList<NewMessage> messages)
    {
        var traceParent = System.Diagnostics.Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
        var judged = new NewMessage[messages.Count];
        for (var index = 0; index < judged.Length; index++)
        {
            var message = messages[index];
            if (MessageRules.Check(message) is { } broken)
            {
                throw new InvalidMessageException(broken.Field, broken.Error);
            }

            if (index > 0 && message.IdempotencyKey is not null)
            {
                throw new InvalidMessageException("idempotency_key", "is invalid: of messages that are published together only the first may bear one");
            }

            judged[index] = message.ForPublishing(traceParent);
        }

        return judged;
    }

    /// <summary>Counts the bytes as waiting from now until the write has ended; a caller who leaves earlier does not make them fewer.</summary>
    private async Task<T> ReserveAsync<T>(long bytes, Func<Task<T>> write)
    {
        var pending = Interlocked.Add(ref _pendingBytes, bytes);
        try
        {
            return pending > options.MaxPendingBytes && pending > bytes
                ? throw new OverloadedException(pending - bytes, options.MaxPendingBytes)
                : await write().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Add(ref _pendingBytes, -bytes);
        }
    }

    private async Task<(Topic Topic, AppendResult Result)> AppendAsync(string topic, AppendRequest request, CancellationToken cancellationToken)
    {
        for (var isRetry = false; ; isRetry = true)
        {
            var found = await topics.FindAsync(topic, cancellationToken).ConfigureAwait(false);
            await limits.CheckAsync(found, request.Messages, cancellationToken).ConfigureAwait(false);
            if (!_appenders.TryGetValue(found.Id, out var appender))
            {
                appender = _appenders.GetOrAdd(found.Id, new TopicAppender(found, log, readers, options, metrics, activity, time));
            }

            var appending = ReserveAsync(request.Size, () => appender.AppendAsync(request, cancellationToken));
            if (await appending.WaitAsync(cancellationToken).ConfigureAwait(false) is { } result)
            {
                return (found, result);
            }

            _appenders.TryRemove(found.Id, out _);
            Forget(found, isRetry);
        }
    }

    /// <summary>The topic was deleted since we learned of it; it may have been made anew under another number, so one more look is worth it.</summary>
    private void Forget(Topic topic, bool isRetry)
    {
        topics.Forget(topic);
        if (isRetry)
        {
            throw new UnknownTopicException(topic.Name);
        }
    }

    /// <summary>Answers a repeated publish with what the first one stored, after checking that it is the same.</summary>
    private async Task<IReadOnlyList<PublishedMessage>> ReadRepeatedAsync(
        Topic topic, AppendRequest request, long firstPosition, CancellationToken cancellationToken)
    {
        var published = new List<PublishedMessage>(request.Messages.Count);
        while (published.Count < request.Messages.Count)
        {
            var after = firstPosition - 1 + published.Count;
            var stored = await log.ReadAsync(topic.Id, after, request.Messages.Count - published.Count, int.MaxValue, cancellationToken).ConfigureAwait(false);
            if (stored.Count == 0)
            {
                throw new IdempotencyConflictException(request.IdempotencyKey!);
            }

            foreach (var message in stored)
            {
                if (!request.Messages[published.Count].IsSameAs(message))
                {
                    throw new IdempotencyConflictException(request.IdempotencyKey!);
                }

                published.Add(new PublishedMessage(message.Id, message.Position, message.ReceivedAt, Repeated: true));
            }
        }

        return published;
    }

    private static PublishedMessage[] Published(AppendRequest request, AppendResult result)
    {
        var published = new PublishedMessage[request.Messages.Count];
        for (var index = 0; index < published.Length; index++)
        {
            published[index] = new PublishedMessage(request.Messages[index].Id, result.FirstPosition + index, result.ReceivedAt, Repeated: false);
        }

        return published;
    }
}
