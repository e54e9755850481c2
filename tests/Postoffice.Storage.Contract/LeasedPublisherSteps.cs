using Postoffice.Cluster;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>The start and the steps of the suites that look at one publisher while a node runs it.</summary>
public abstract class LeasedPublisherSteps : StorageContract
{
    private protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private long _sequence;

    private protected Topic Topic { get; private set; } = null!;

    /// <summary>Position p stands at index p − 1.</summary>
    private protected IReadOnlyList<Message> Messages { get; private set; } = [];

    private protected Publisher Publisher { get; private set; } = null!;

    /// <summary>Its lease, with what <see cref="SettleAsync"/> has settled since.</summary>
    private protected Lease Lease { get; private set; } = null!;

    private protected async Task StartAsync(int messages)
    {
        Topic = await AddTopicAsync();
        Messages = await FillAsync(Topic, messages);
        await RunAsync(fromNow: false);
    }

    /// <summary>Starts with one message for each of these ordering keys.</summary>
    private protected async Task StartAsync(params string?[] keys)
    {
        Topic = await AddTopicAsync();
        Messages = await FillAsync(Topic, keys);
        await RunAsync(fromNow: false);
    }

    /// <summary>Starts with a publisher that begins after these messages.</summary>
    private protected async Task StartAfterAsync(int messages)
    {
        Topic = await AddTopicAsync();
        Messages = await FillAsync(Topic, messages);
        await RunAsync(fromNow: true);
    }

    private protected Settlement Settle() => new(Topic.Id, Lease, ++_sequence);

    private protected async Task SettleAsync(SettleBatch batch)
    {
        (await Store.Deliveries.SettleAsync(batch, Cancel)).Should().Be(SettleStatus.Settled);
        Lease = Lease with { Cursor = batch.Cursor, SettledAbove = batch.SettledAbove };
    }

    private protected async Task<PublisherStatus> StatusAsync() => (await Store.Publishers.FindStatusAsync(Publisher.Id, Cancel))!;

    /// <summary>Raised by what makes a running pipeline start anew.</summary>
    private protected async Task<int> VersionAsync(Publisher? publisher = null) =>
        (await Store.Publishers.FindAsync((publisher ?? Publisher).Id, Cancel))!.Version;

    private protected async Task<IReadOnlyList<long>> DueAsync() =>
        [.. (await Store.Deliveries.ReadDueAsync(Topic.Id, Publisher.Id, [], 10_000, Cancel)).Select(due => due.Message.Position)];

    private async Task RunAsync(bool fromNow)
    {
        Publisher = await AddPublisherAsync(Topic, fromNow: fromNow);
        Lease = await LeaseAsync(NodeA);
    }
}
