using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>
/// What <see cref="IPublisherStore"/> promises of creating, finding and changing publishers; for deleting see <see cref="PublisherDeletionContract"/>.
/// </summary>
public abstract class PublisherStoreContract : StorageContract
{
    [Fact]
    public async Task A_new_publisher_is_found_as_it_was_made()
    {
        var topic = await AddTopicAsync();
        var settings = new PublisherSettings
        {
            Timeout = TimeSpan.FromSeconds(7),
            RetryDelay = TimeSpan.FromMilliseconds(1_500),
            MaxAttempts = 3,
            MaxDemand = 10,
            MinDemand = 0,
            ChunkSize = 20,
            Headers = new Dictionary<string, string> { ["x-shop"] = "a, \"b\"" },
        };
        var before = await Store.NowAsync();

        var result = await Store.Publishers.TryAddAsync(
            new NewPublisher("orders", "http", "http://receiver.example/a?b=ü", Active: true, FromNow: false, settings), Cancel);

        result.Status.Should().Be(AddPublisherStatus.Added);
        var added = result.Publisher!;
        added.Should().BeEquivalentTo(new
        {
            TopicId = topic.Id,
            Topic = "orders",
            Type = "http",
            Target = "http://receiver.example/a?b=ü",
            Active = true,
            PausedReason = (string?)null,
            StartPosition = 0L,
        });
        added.Settings.Should().BeEquivalentTo(settings);
        added.CreatedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        added.UpdatedAt.Should().Be(added.CreatedAt);
        (await Store.Publishers.FindAsync(added.Id, Cancel)).Should().BeEquivalentTo(added);
    }

    [Fact]
    public async Task A_publisher_may_be_created_paused()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync(), active: false);

        (await Store.Publishers.FindAsync(publisher.Id, Cancel))!.Active.Should().BeFalse();
    }

    [Fact]
    public async Task A_publisher_of_an_unknown_topic_is_refused()
    {
        var result = await Store.Publishers.TryAddAsync(NewPublisher("nothing"), Cancel);

        result.Should().Be(new AddPublisherResult(AddPublisherStatus.UnknownTopic));
    }

    [Fact]
    public async Task A_topic_type_and_target_exist_once()
    {
        var topic = await AddTopicAsync();
        await AddPublisherAsync(topic);

        (await Store.Publishers.TryAddAsync(NewPublisher("orders", fromNow: true, active: false), Cancel)).Status.Should().Be(AddPublisherStatus.AlreadyExists);
        (await Store.Publishers.ListAsync(topic.Id, 0, 10, Cancel)).Should().ContainSingle();
    }

    [Fact]
    public async Task Another_topic_type_or_target_makes_another_publisher()
    {
        await AddPublisherAsync(await AddTopicAsync());
        await AddTopicAsync("invoices");

        (await Store.Publishers.TryAddAsync(NewPublisher("invoices"), Cancel)).Status.Should().Be(AddPublisherStatus.Added);
        (await Store.Publishers.TryAddAsync(NewPublisher("orders", type: "pubsub"), Cancel)).Status.Should().Be(AddPublisherStatus.Added);
        (await Store.Publishers.TryAddAsync(NewPublisher("orders", "http://receiver.example/A"), Cancel)).Status.Should().Be(AddPublisherStatus.Added);
        (await Store.Publishers.TryAddAsync(NewPublisher("orders", "http://receiver.example/a"), Cancel)).Status.Should().Be(AddPublisherStatus.Added);
    }

    [Fact]
    public async Task Of_many_concurrent_identical_creates_one_adds()
    {
        await AddTopicAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ =>
            Task.Run(() => Store.Publishers.TryAddAsync(NewPublisher("orders"), Cancel), Cancel)));

        results.Count(result => result.Status == AddPublisherStatus.Added).Should().Be(1);
        results.Count(result => result.Status == AddPublisherStatus.AlreadyExists).Should().Be(31);
        (await Store.Publishers.ListAsync(null, 0, 100, Cancel)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_topic_has_at_most_1000_publishers_and_a_deleted_one_makes_room()
    {
        var topic = await AddTopicAsync();
        var last = await AddPublisherAsync(topic);
        for (var number = 1; number < IPublisherStore.MaxPublishersPerTopic; number++)
        {
            last = await AddPublisherAsync(topic, $"http://receiver.example/{number}");
        }

        (await Store.Publishers.TryAddAsync(NewPublisher("orders", "http://receiver.example/more"), Cancel)).Status.Should().Be(AddPublisherStatus.TooMany);
        (await Store.Publishers.TryAddAsync(NewPublisher((await AddTopicAsync("invoices")).Name), Cancel)).Status.Should().Be(AddPublisherStatus.Added);

        await Store.Publishers.DeleteAsync(last.Id, Cancel);
        (await Store.Publishers.TryAddAsync(NewPublisher("orders", "http://receiver.example/more"), Cancel)).Status.Should().Be(AddPublisherStatus.Added);
    }

    [Fact]
    public async Task A_publisher_starts_at_the_beginning_of_the_log()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);

        var publisher = await AddPublisherAsync(topic);

        publisher.StartPosition.Should().Be(0);
        (await CursorAsync(publisher.Id)).Should().Be(0);
        (await LeaseAsync(NodeA)).Cursor.Should().Be(0);
    }

    [Fact]
    public async Task A_publisher_from_now_starts_at_the_head_of_the_log()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 3);

        var publisher = await AddPublisherAsync(topic, fromNow: true);

        publisher.StartPosition.Should().Be(3);
        (await CursorAsync(publisher.Id)).Should().Be(3);
        (await LeaseAsync(NodeA)).Cursor.Should().Be(3);
    }

    [Fact]
    public async Task A_publisher_costs_the_same_however_long_the_log_is()
    {
        var empty = await AddTopicAsync("empty");
        var full = await AddTopicAsync("full");
        await FillAsync(full, 2_000);
        var before = await Store.CountRowsOutsideLogAsync();

        await AddPublisherAsync(empty);
        var afterFirst = await Store.CountRowsOutsideLogAsync();
        await AddPublisherAsync(full);
        var afterSecond = await Store.CountRowsOutsideLogAsync();

        (afterFirst - before).Should().BeInRange(1, 3);
        (afterSecond - afterFirst).Should().Be(afterFirst - before);
    }

    [Fact]
    public async Task Appending_writes_nothing_for_a_publisher()
    {
        var topic = await AddTopicAsync();
        await AddPublisherAsync(topic);
        var before = await Store.CountRowsOutsideLogAsync();

        await FillAsync(topic, 2_000);

        (await Store.CountRowsOutsideLogAsync()).Should().Be(before);
    }

    [Fact]
    public async Task Many_are_found_by_number_and_the_missing_are_left_out()
    {
        var topic = await AddTopicAsync();
        var first = await AddPublisherAsync(topic, "http://receiver.example/1");
        var second = await AddPublisherAsync(topic, "http://receiver.example/2");
        var deleted = await AddPublisherAsync(topic, "http://receiver.example/3");
        await Store.Publishers.DeleteAsync(deleted.Id, Cancel);

        (await Store.Publishers.FindManyAsync([first.Id, second.Id, deleted.Id, 4711], Cancel)).Should().BeEquivalentTo([first, second]);
        (await Store.Publishers.FindManyAsync([], Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task An_unknown_publisher_is_not_found()
    {
        (await Store.Publishers.FindAsync(4711, Cancel)).Should().BeNull();
        (await Store.Publishers.FindStatusAsync(4711, Cancel)).Should().BeNull();
        (await Store.Publishers.UpdateAsync(4711, new PublisherChange { Active = false }, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Its_status_tells_cursor_head_parked_dead_and_delivered()
    {
        var topic = await AddTopicAsync();
        await FillAsync(topic, 10);
        var publisher = await AddPublisherAsync(topic);
        var lease = await LeaseAsync(NodeA);
        await Store.Deliveries.SettleAsync(new Settlement(topic.Id, lease)
            .Deliver(1).Park(2, TimeSpan.FromMinutes(5)).Park(3, TimeSpan.FromMinutes(5)).Kill(4), Cancel);

        var status = await Store.Publishers.FindStatusAsync(publisher.Id, Cancel);

        status.Should().BeEquivalentTo(new PublisherStatus(publisher, Cursor: 4, Head: 10, Parked: 2, Dead: 1, Delivered: 1));
        (await Store.Publishers.ListAsync(null, 0, 10, Cancel)).Should().ContainSingle().Which.Should().BeEquivalentTo(status);
    }

    [Fact]
    public async Task Publishers_are_listed_in_order_of_number_page_by_page()
    {
        var orders = await AddTopicAsync();
        var invoices = await AddTopicAsync("invoices");
        var first = await AddPublisherAsync(orders, "http://receiver.example/1");
        var second = await AddPublisherAsync(invoices, "http://receiver.example/2");
        var third = await AddPublisherAsync(orders, "http://receiver.example/3");

        (await IdsAsync(null, 0, 2)).Should().Equal(first.Id, second.Id);
        (await IdsAsync(null, second.Id, 2)).Should().Equal(third.Id);
        (await IdsAsync(orders.Id, 0, 10)).Should().Equal(first.Id, third.Id);
        (await IdsAsync(orders.Id, first.Id, 10)).Should().Equal(third.Id);
        (await IdsAsync(4711, 0, 10)).Should().BeEmpty();
    }

    [Fact]
    public async Task Concurrent_changes_each_raise_the_version()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());

        var versions = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            Task.Run(async () => (await Store.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = true }, Cancel))!.Version, Cancel)));

        versions.Should().BeEquivalentTo(Enumerable.Range(publisher.Version + 1, 16));
    }

    private async Task<IEnumerable<long>> IdsAsync(long? topicId, long afterId, int limit) =>
        (await Store.Publishers.ListAsync(topicId, afterId, limit, Cancel)).Select(status => status.Publisher.Id);
}
