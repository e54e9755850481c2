using System.Diagnostics.Metrics;
using Postoffice.Core.Tests.Storage;
using Postoffice.Deliveries;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Storage.InMemory;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>What a publisher does when its store fails it.</summary>
public sealed class FaultTests
{
    private ScriptedDeliveryStore? _books;
    private ScriptedMessageLog? _log;
    private ScriptedPublisherStore? _publishers;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_settle_that_meets_an_outage_is_written_again_and_nothing_is_sent_twice(bool isWrittenAllTheSame)
    {
        await using var mail = await StartAsync();
        await mail.AddTopicAsync();
        var failures = 3;
        _books!.Settle = async (_, settle) =>
        {
            if (failures == 0)
            {
                return await settle();
            }

            failures--;
            if (isWrittenAllTheSame)
            {
                await settle();
            }

            throw new StorageUnavailableException("down");
        };
        mail.Transport.Answer = (_, delivery, _) => new(delivery is { Message.Position: 1, Attempt: 1 }
            ? new SendResult(SendOutcome.Unavailable, 503, "503")
            : new SendResult(SendOutcome.Accepted, 200));
        var publisher = await mail.AddPublisherAsync();

        var published = await mail.PublishAsync(20);
        await mail.UntilSettledAsync(publisher, 20);
        await mail.UntilAsync(async () => (await mail.StateAsync(published[0], publisher)).Status == DeliveryStatus.Delivered);

        var first = _books.Batches.Take(4).ToList();
        first.Should().OnlyContain(batch => batch == first[0], "its outcomes are nowhere else");
        _books.Batches.Select(batch => batch.Sequence).Distinct().Should().BeInAscendingOrder().And.StartWith(1);
        mail.Transport.Sent.Should().HaveCount(21);
        (await mail.StateAsync(published[0], publisher)).FailedAttempts.Should().ContainSingle();
    }

    [Fact]
    public async Task A_publisher_whose_lease_is_lost_drops_its_results_and_starts_again_under_a_new_epoch()
    {
        await using var mail = await StartAsync(options => (options.Cluster.LeaseDuration, options.Cluster.RenewInterval) = (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1)));
        await mail.AddTopicAsync();
        var release = new TaskCompletionSource();
        mail.Transport.Answer = async (_, _, token) =>
        {
            await release.Task.WaitAsync(token);
            return new SendResult(SendOutcome.Accepted, 200);
        };
        var publisher = await mail.AddPublisherAsync();
        await mail.PublishAsync(5);
        await mail.Transport.WaitForAsync(5);

        // Another node took it and gave it back. This one has it in hand and does not take it from itself; its next settle tells it.
        var database = mail.Get<InMemoryDatabase>();
        lock (database.Gate)
        {
            database.Publishers[publisher.Id].Epoch++;
            database.Publishers[publisher.Id].Owner = null;
        }

        release.SetResult();
        await mail.UntilSettledAsync(publisher, 5);

        mail.Transport.PositionsSentTo(publisher.Id).Order().Should().Equal(1, 1, 2, 2, 3, 3, 4, 4, 5, 5);
        _books!.Batches.First().Epoch.Should().Be(1, "its results were refused");
        _books.Batches.Last().Epoch.Should().Be(3);
        _books.Batches.Where(batch => batch.Epoch == 3).Select(batch => batch.Sequence).Should().StartWith(1);
        mail.Transport.OpenSenders.Should().Be(1, "what is not run keeps no sender");
    }

    [Fact]
    public async Task A_settle_that_fails_for_another_reason_is_written_again_too_and_nothing_is_sent_twice()
    {
        await using var mail = await StartAsync();
        await mail.AddTopicAsync();
        _books!.Settle = (_, _) =>
        {
            _books.Settle = (_, settle) => settle();
            throw new InvalidOperationException("a bug");
        };
        var publisher = await mail.AddPublisherAsync();

        await mail.PublishAsync(3);
        await mail.UntilSettledAsync(publisher, 3);

        _books.Batches.Select(batch => (batch.Epoch, batch.Sequence)).Should().StartWith([(1, 1), (1, 1)]);
        mail.Transport.Sent.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_metric_listener_that_throws_costs_nothing()
    {
        const string topic = "listened to";
        var isFirst = 1;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "postoffice.settle.batch_size")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, _, tags, _) =>
        {
            // Listeners hear the whole process; other tests run beside this one.
            if (Equals(tags[0].Value, topic) && Interlocked.Exchange(ref isFirst, 0) == 1)
            {
                throw new InvalidOperationException("a bug of the listener");
            }
        });
        listener.Start();
        await using var mail = await StartAsync();
        await mail.AddTopicAsync(topic);
        var publisher = await mail.AddPublisherAsync(topic: topic);

        await mail.PublishAsync(1, topic);
        await mail.UntilSettledAsync(publisher, 1);
        await mail.PublishAsync(5, topic);
        await mail.UntilSettledAsync(publisher, 6);

        isFirst.Should().Be(0);
        mail.Transport.PositionsSentTo(publisher.Id).Order().Should().Equal(1, 2, 3, 4, 5, 6);
        _books!.Batches.Should().OnlyContain(batch => batch.Epoch == 1);
    }

    [Fact]
    public async Task A_publisher_outlives_a_log_that_cannot_be_read()
    {
        await using var mail = await StartAsync();
        await mail.AddTopicAsync();
        await mail.PublishAsync(10);
        _log!.BeforeRead = () =>
        {
            _log.BeforeRead = () => Task.CompletedTask;
            throw new StorageUnavailableException("down");
        };

        var publisher = await mail.AddPublisherAsync();
        await mail.UntilSettledAsync(publisher, 10);

        _log.Reads.Should().HaveCountGreaterThan(1);
        mail.Transport.PositionsSentTo(publisher.Id).Order().Should().Equal(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    }

    [Fact]
    public async Task A_publisher_outlives_parked_deliveries_that_cannot_be_read()
    {
        await using var mail = await StartAsync();
        await mail.AddTopicAsync();
        mail.Transport.Answer = (_, delivery, _) => new(delivery is { Message.Position: 1, Attempt: 1 }
            ? new SendResult(SendOutcome.Unavailable, 503, "503")
            : new SendResult(SendOutcome.Accepted, 200));
        var failed = false;
        _books!.BeforeReadDue = () =>
        {
            if (mail.Transport.Sent.Count > 0 && !failed)
            {
                failed = true;
                throw new StorageUnavailableException("down");
            }
        };
        var publisher = await mail.AddPublisherAsync();

        var published = await mail.PublishAsync(1);
        await mail.UntilAsync(async () => (await mail.StateAsync(published[0], publisher)).Status == DeliveryStatus.Delivered);

        failed.Should().BeTrue();
        mail.Transport.Sent.Select(sent => sent.Attempt).Should().Equal(1, 2);
    }

    [Fact]
    public async Task A_lease_that_was_taken_just_before_the_store_failed_is_not_forgotten()
    {
        await using var mail = await StartAsync();
        await mail.AddTopicAsync();
        _publishers!.FailuresLeft = 2;

        var publisher = await mail.AddPublisherAsync();
        await mail.PublishAsync(3);
        await mail.UntilSettledAsync(publisher, 3);

        _publishers.FailuresLeft.Should().Be(0);
        _books!.Batches.First().Epoch.Should().Be(1, "the lease that was taken is the one that is used");
    }

    [Fact]
    public async Task A_transport_that_fails_when_it_is_cut_short_takes_nobodys_results_with_it()
    {
        var mail = await StartAsync(options => (options.Pipeline.DrainTimeout, options.Pipeline.SettleDelay) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)));
        await mail.AddTopicAsync();
        mail.Transport.Answer = async (_, delivery, token) =>
        {
            if (delivery.Message.Position == 1)
            {
                var cut = new TaskCompletionSource();
                await using var registration = token.Register(cut.SetResult);
                await cut.Task;
                throw new InvalidOperationException("the connection is gone");
            }

            return new SendResult(SendOutcome.Accepted, 200);
        };
        var publisher = await mail.AddPublisherAsync(settings: new PublisherSettings { MaxDemand = 2, MinDemand = 0 });
        var published = await mail.PublishAsync(3);
        await mail.Transport.WaitForAsync(3);

        await mail.StopAsync();

        (await mail.StateAsync(published[0], publisher)).Status.Should().Be(DeliveryStatus.Waiting);
        (await mail.StateAsync(published[1], publisher)).Status.Should().Be(DeliveryStatus.Delivered);
        await mail.DisposeAsync();
    }

    private Task<PostofficeInMemory> StartAsync(Action<PostofficeOptions>? configure = null) => PostofficeInMemory.StartAsync(configure, services =>
    {
        PostofficeInMemory.Decorate<IDeliveryStore>(services, inner => _books = new ScriptedDeliveryStore(inner));
        PostofficeInMemory.Decorate<IMessageLog>(services, inner => _log = new ScriptedMessageLog(inner));
        PostofficeInMemory.Decorate<IPublisherStore>(services, inner => _publishers = new ScriptedPublisherStore(inner));
    });
}
