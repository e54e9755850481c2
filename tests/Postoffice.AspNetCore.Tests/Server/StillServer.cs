using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Postoffice.Cluster;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>The API on books that the test writes: no publisher runs.</summary>
public sealed class StillServer : IAsyncLifetime
{
    private readonly Dictionary<long, long> _sequences = [];

    public StillServer() => Api = new ApiServer(null, services => services.Replace(ServiceDescriptor.Singleton<ILeaseStore>(Leases)));

    internal ApiServer Api { get; }

    internal ScriptedLeases Leases { get; } = new();

    internal static PublisherReport Report { get; } = new()
    {
        At = DateTimeOffset.UnixEpoch, Breaker = "closed", MaxDemand = 50, EffectiveDemand = 25, InFlight = 3, Rate = 4,
    };

    public ValueTask InitializeAsync() => Api.InitializeAsync();

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    internal async Task<Publisher> NewPublisherAsync(string? topic = null, string more = "")
    {
        topic ??= await Api.NewTopicAsync();
        var answer = await Api.PostAsync("/api/publishers",
            $$"""{"active":true,"topic":"{{topic}}","type":"http","target":"https://receiver.example/{{Guid.NewGuid():N}}"{{more}}}""");
        answer.Status.Should().Be(201, answer.Body);
        var id = answer.Data.GetProperty("id").GetInt64();
        return (await Api.Get<IPublisherStore>().FindAsync(id, TestContext.Current.CancellationToken))!;
    }

    /// <returns>The message's id.</returns>
    internal async Task<Guid> PublishAsync(string topic, string? orderingKey = null, string payload = "{}")
    {
        var key = orderingKey is null ? "" : $",\"ordering_key\":\"{orderingKey}\"";
        var answer = await Api.PostAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{{payload}}{{key}}}""");
        answer.Status.Should().Be(201, answer.Body);
        return answer.Data.GetProperty("id").GetGuid();
    }

    /// <summary>Writes what a pipeline would have; the publisher's cursor stands at <paramref name="cursor"/> then.</summary>
    internal async Task SettleAsync(
        Publisher publisher,
        long cursor,
        IReadOnlyList<DeadEntry>? dead = null,
        IReadOnlyList<ParkEntry>? parked = null,
        IReadOnlyList<FailedEntry>? failed = null,
        IReadOnlyList<DeliveredEntry>? delivered = null,
        IReadOnlyList<long>? skipped = null)
    {
        var sequence = _sequences[publisher.Id] = _sequences.GetValueOrDefault(publisher.Id) + 1;
        var status = await Api.Get<IDeliveryStore>().SettleAsync(
            new SettleBatch
            {
                TopicId = publisher.TopicId,
                PublisherId = publisher.Id,
                Epoch = 0,
                Sequence = sequence,
                Cursor = cursor,
                SettledAbove = [],
                Dead = dead ?? [],
                Parked = parked ?? [],
                Failed = failed ?? [],
                Delivered = delivered ?? [],
                Skipped = skipped ?? [],
            },
            TestContext.Current.CancellationToken);
        status.Should().Be(SettleStatus.Settled);
    }

    internal void Run(Publisher publisher, PublisherReport? report) => Leases.Owners[publisher.Id] = new PublisherOwner(Guid.NewGuid(), "host-a", report);

    /// <summary>A publisher with so many dead letters, of positions 1, 2, 3 ….</summary>
    internal async Task<Publisher> WithDeadAsync(int count, string reason = "max-attempts", string group = "5xx: down", bool blocksKey = false)
    {
        var publisher = await NewPublisherAsync();
        for (var position = 1; position <= count; position++)
        {
            await PublishAsync(publisher.Topic);
        }

        await SettleAsync(publisher, count,
            dead: [.. Enumerable.Range(1, count).Select(position => new DeadEntry(position, 3, 503, reason, $"503: down {position}", group, null, blocksKey))],
            failed: [.. Enumerable.Range(1, count).Select(position => new FailedEntry(position, 3, 503, TimeSpan.FromMilliseconds(5), $"503: down {position}"))]);
        return publisher;
    }
}
