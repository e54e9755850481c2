using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.Benchmarks.Outcomes;

/// <summary>What do the bound, the judgement and the deadline add to an attempt, beside the transport?</summary>
[MemoryDiagnoser]
public class SendPipelineBenchmark
{
    private static readonly Publisher Publisher = new()
    {
        Id = 1,
        TopicId = 1,
        Topic = "orders",
        Type = "http",
        Target = "http://receiver.example/hook",
        Active = true,
        Settings = new PublisherSettings(),
        StartPosition = 0,
        Version = 1,
        CreatedAt = default,
        UpdatedAt = default,
    };

    private readonly Delivery _delivery = new()
    {
        Attempt = 1,
        Message = new Message { Id = Guid.CreateVersion7(), TopicId = 1, Position = 1, Payload = new byte[1024], ReceivedAt = default },
    };

    private readonly TakingSender _sender = new();
    private readonly SendPipeline _pipeline;
    private readonly CancellationTokenSource _stopSending = new();

    public SendPipelineBenchmark() =>
        _pipeline = new SendPipeline(Publisher, _sender, 50, new EgressWatch(), TimeProvider.System, NullLogger.Instance);

    /// <summary>Whether the transport ends later than it begins, as all that goes over a network.</summary>
    [Params(false, true)]
    public bool EndsLater { get; set; }

    [GlobalSetup]
    public void Setup() => _sender.EndsLater = EndsLater;

    [Benchmark(Baseline = true)]
    public ValueTask<SendResult> Bare() => _sender.SendAsync(_delivery, _stopSending.Token);

    [Benchmark]
    public ValueTask<SendResult> ThroughThePipeline() => _pipeline.SendAsync(_delivery, _stopSending.Token);

    /// <summary>What a publisher that is started anew pays once.</summary>
    [Benchmark]
    public object Build() => new SendPipeline(Publisher, _sender, 50, new EgressWatch(), TimeProvider.System, NullLogger.Instance);

    private sealed class TakingSender : ISender
    {
        public bool EndsLater { get; set; }

        public async ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            if (EndsLater)
            {
                await Task.Yield();
            }

            return new SendResult(SendOutcome.Accepted, 200);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
