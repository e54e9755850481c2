using Postoffice.Cluster;
using Postoffice.Pipeline;
using Postoffice.Publishers;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>Several nodes on one database.</summary>
public sealed class NodesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_publisher_is_run_by_one_node_and_by_the_other_when_that_one_stops()
    {
        // The first looks around when told to: what is new is the second's.
        await using var first = await PostofficeInMemory.StartAsync(options => options.Pipeline.PollInterval = TimeSpan.FromMinutes(1));
        await first.AddTopicAsync();
        var publishers = new List<Publisher>();
        await AddPublishersAsync("a", "b", "c");
        first.Get<PublisherChanges>().Notify();
        await first.UntilAsync(() => Task.FromResult(publishers.TrueForAll(publisher => Runs(first, publisher))));
        await AddPublishersAsync("d", "e", "f");
        await using var second = await PostofficeInMemory.StartAsync(sharing: first);
        await first.UntilAsync(() => Task.FromResult(publishers.Skip(3).All(publisher => Runs(second, publisher))));

        await first.PublishAsync(100);
        await UntilSettledAsync(100);
        publishers.Select(publisher => Runs(first, publisher)).Should().Equal(true, true, true, false, false, false);
        publishers.Select(publisher => Runs(second, publisher)).Should().Equal(false, false, false, true, true, true);

        await first.StopAsync();
        await second.PublishAsync(100);
        await UntilSettledAsync(200);

        publishers.Should().OnlyContain(publisher => Runs(second, publisher) && !Runs(first, publisher));
        foreach (var publisher in publishers)
        {
            first.Transport.PositionsSentTo(publisher.Id).Order().Should().Equal(Enumerable.Range(1, 200).Select(n => (long)n));
        }

        async Task AddPublishersAsync(params string[] targets)
        {
            foreach (var target in targets)
            {
                publishers.Add(await first.AddPublisherAsync(target));
            }
        }

        async Task UntilSettledAsync(long position)
        {
            foreach (var publisher in publishers)
            {
                await first.UntilSettledAsync(publisher, position);
            }
        }
    }

    [Fact]
    public async Task A_publisher_of_a_node_that_died_is_taken_over_when_its_lease_has_run_out()
    {
        await using var idle = await PostofficeInMemory.StartAsync(options => options.Pipeline.Enabled = false);
        await idle.AddTopicAsync();
        var publisher = await idle.AddPublisherAsync();
        await idle.PublishAsync(10);
        var dead = await idle.Get<ILeaseStore>().AcquireAsync(Guid.NewGuid(), 10, [], TimeSpan.FromMilliseconds(300), Token);
        dead.Should().ContainSingle().Which.Epoch.Should().Be(1);

        await using var heir = await PostofficeInMemory.StartAsync(sharing: idle);
        await heir.UntilSettledAsync(publisher, 10);

        heir.Transport.PositionsSentTo(publisher.Id).Should().HaveCount(10);
        var late = new SettleBatch { TopicId = publisher.TopicId, PublisherId = publisher.Id, Epoch = 1, Sequence = 1, Cursor = 3, SettledAbove = [] };
        (await heir.Get<IDeliveryStore>().SettleAsync(late, Token)).Should().Be(SettleStatus.LeaseLost, "a late node changes nothing");
    }

    [Fact]
    public async Task What_one_node_publishes_another_delivers()
    {
        await using var publishing = await PostofficeInMemory.StartAsync(options => options.Pipeline.Enabled = false);
        await publishing.AddTopicAsync();
        var publisher = await publishing.AddPublisherAsync();
        await using var delivering = await PostofficeInMemory.StartAsync(sharing: publishing);

        // In turns, so that positions of both interleave at the reader's window.
        for (var turn = 0; turn < 20; turn++)
        {
            await publishing.PublishAsync(7);
            await delivering.PublishAsync(3);
        }

        await delivering.UntilSettledAsync(publisher, 200);
        delivering.Transport.PositionsSentTo(publisher.Id).Order().Should().Equal(Enumerable.Range(1, 200).Select(n => (long)n));
    }

    private static bool Runs(PostofficeInMemory node, Publisher publisher) => node.Get<PipelineSupervisor>().Runs(publisher.Id);
}
