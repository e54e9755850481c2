using System.Collections.Concurrent;
using Postoffice.Deliveries;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>Answers as the target's path says, so that each test scripts its own: <c>test://blocked</c>.</summary>
internal sealed class AnsweringTransport : ITransport
{
    public ConcurrentQueue<(Publisher Publisher, Delivery Delivery)> Sent { get; } = new();

    public string Type => "test";

    /// <summary>How many senders were made and not disposed of.</summary>
    public int Senders;

    public TargetCheck CheckTarget(string target, PublisherSettings settings) => new(target, null);

    public ISender CreateSender(Publisher publisher, int maxInFlight)
    {
        if (publisher.Target.StartsWith("test://unusable", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("secret");
        }

        Interlocked.Increment(ref Senders);
        return new Sender(this, publisher);
    }

    private sealed class Sender(AnsweringTransport owner, Publisher publisher) : ISender
    {
        public async ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            owner.Sent.Enqueue((publisher, delivery));
            switch (new Uri(publisher.Target).Host)
            {
                case "accepted":
                    return new SendResult(SendOutcome.Accepted, 200) { Answer = delivery.KeepsAnswer ? "thanks" : null };
                case "rejected":
                    return new SendResult(SendOutcome.Rejected, 404, "404 Not Found: nobody here") { Answer = "nobody here" };
                case "throttled":
                    return new SendResult(SendOutcome.Throttled, 429, "429");
                case "gone":
                    return new SendResult(SendOutcome.Gone, 410, "410 Gone");
                case "blocked":
                    return new SendResult(SendOutcome.Blocked, Error: "10.0.0.1 may not be called");
                case "invalid":
                    return new SendResult(SendOutcome.Invalid, Error: "attributes is invalid: too many");
                case "silent":
                    await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
                    break;
            }

            throw new InvalidOperationException("secret");
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref owner.Senders);
            return ValueTask.CompletedTask;
        }
    }
}
