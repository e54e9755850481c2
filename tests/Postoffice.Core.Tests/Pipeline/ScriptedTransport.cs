using System.Collections.Concurrent;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>A transport without a network: answers as told, and records what it was asked to send.</summary>
internal sealed class ScriptedTransport : ITransport
{
    private readonly ConcurrentQueue<Sent> _sent = new();
    private readonly ConcurrentQueue<int> _batches = new();
    private readonly Lock _lock = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _inFlight;
    private int _openSenders;

    public string Type { get; init; } = "scripted";

    /// <summary>What to answer; may wait. Default: accepted.</summary>
    public Func<Publisher, Delivery, CancellationToken, ValueTask<SendResult>> Answer { get; set; } = (_, _, _) => new(new SendResult(SendOutcome.Accepted, 200));

    /// <summary>What is wrong with a message's attributes. Default: nothing.</summary>
    public Func<MessageAttributes, string?> Objection { get; set; } = _ => null;

    /// <summary>How many deliveries one call takes.</summary>
    public int MaxBatch { get; set; } = 1;

    /// <summary>What to answer to a batch; may wait. Default: what <see cref="Answer"/> says to each.</summary>
    public Func<Publisher, IReadOnlyList<Delivery>, CancellationToken, ValueTask<SendResult?[]>>? AnswerBatch { get; set; }

    public IReadOnlyCollection<Sent> Sent => _sent;

    /// <summary>How many deliveries each call had that had more than one.</summary>
    public IReadOnlyCollection<int> Batches => _batches;

    public int MaxInFlight { get; private set; }

    /// <summary>How many senders were made and not disposed.</summary>
    public int OpenSenders => _openSenders;

    public TargetCheck CheckTarget(string target, PublisherSettings settings) => new(target, null);

    public string? CheckAttributes(MessageAttributes attributes) => Objection(attributes);

    public int MaxBatchSize(PublisherSettings settings) => settings.ChunkSize ?? MaxBatch;

    public ISender CreateSender(Publisher publisher, int maxInFlight)
    {
        Interlocked.Increment(ref _openSenders);
        return new Sender(this, publisher);
    }

    /// <summary>A target that never answers: ends when it is cancelled, and not before.</summary>
    public static Task NeverAsync(CancellationToken cancellationToken) => new TaskCompletionSource().Task.WaitAsync(cancellationToken);

    public IEnumerable<long> PositionsSentTo(long publisherId) => _sent.Where(sent => sent.PublisherId == publisherId).Select(sent => sent.Position);

    /// <summary>Ends when so many attempts were begun.</summary>
    public Task WaitForAsync(int count)
    {
        lock (_lock)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_sent.Count >= count)
            {
                return Task.CompletedTask;
            }

            _waiting.Add((count, reached));
            return reached.Task.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    private sealed class Sender(ScriptedTransport transport, Publisher publisher) : ISender
    {
        public async ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            Begin([delivery]);
            try
            {
                return await transport.Answer(publisher, delivery, cancellationToken);
            }
            finally
            {
                End(1);
            }
        }

        public async ValueTask<SendResult?[]> SendBatchAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
        {
            transport._batches.Enqueue(deliveries.Count);
            Begin(deliveries);
            try
            {
                return transport.AnswerBatch is { } answer
                    ? await answer(publisher, deliveries, cancellationToken)
                    : await Task.WhenAll(deliveries.Select(async delivery => (SendResult?)await transport.Answer(publisher, delivery, cancellationToken)));
            }
            finally
            {
                End(deliveries.Count);
            }
        }

        private void Begin(IReadOnlyList<Delivery> deliveries)
        {
            lock (transport._lock)
            {
                transport._inFlight += deliveries.Count;
                transport.MaxInFlight = Math.Max(transport.MaxInFlight, transport._inFlight);
                foreach (var delivery in deliveries)
                {
                    transport._sent.Enqueue(new Sent(publisher.Id, delivery.Message.Position, delivery.Message.Id, delivery.Attempt));
                }

                foreach (var (count, reached) in transport._waiting)
                {
                    if (transport._sent.Count >= count)
                    {
                        reached.TrySetResult();
                    }
                }
            }
        }

        private void End(int count)
        {
            lock (transport._lock)
            {
                transport._inFlight -= count;
            }
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref transport._openSenders);
            return ValueTask.CompletedTask;
        }
    }
}

internal readonly record struct Sent(long PublisherId, long Position, Guid MessageId, int Attempt);
