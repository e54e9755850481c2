using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IPublisherStore"/> promises of pausing and resuming.</summary>
public abstract class PublisherPauseContract : StorageContract
{
    [Fact]
    public async Task Pausing_records_the_reason_and_raises_the_version()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        await Store.AdvanceAsync(TimeSpan.FromHours(1));
        var before = await Store.NowAsync();

        var paused = await PauseAsync(publisher, "gone");

        paused.UpdatedAt.Should().BeOnOrAfter(publisher.UpdatedAt.AddHours(1));
        paused.PausedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        paused.Should().BeEquivalentTo(publisher with
        {
            Active = false,
            PausedReason = "gone",
            PausedAt = paused.PausedAt,
            Version = publisher.Version + 1,
            UpdatedAt = paused.UpdatedAt,
        });
        (await Store.Publishers.FindAsync(publisher.Id, Cancel)).Should().BeEquivalentTo(paused);
    }

    [Fact]
    public async Task Resuming_clears_the_reason_and_the_time()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        await PauseAsync(publisher, "gone");

        var resumed = await Store.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = true }, Cancel);

        resumed.Should().BeEquivalentTo(new { Active = true, PausedReason = (string?)null, PausedAt = (DateTimeOffset?)null, Version = publisher.Version + 2 });
        (await Store.Publishers.FindAsync(publisher.Id, Cancel)).Should().BeEquivalentTo(resumed);
    }

    [Fact]
    public async Task A_change_thought_out_for_another_version_is_refused_and_changes_nothing()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var change = new PublisherChange { Active = false, Settings = publisher.Settings with { MaxAttempts = 5 }, IfVersion = publisher.Version };

        var first = await Store.Publishers.UpdateAsync(publisher.Id, change, Cancel);
        var second = await Store.Publishers.UpdateAsync(publisher.Id, change with { Active = true, Settings = publisher.Settings }, Cancel);

        first!.Version.Should().Be(publisher.Version + 1);
        second.Should().BeNull();
        (await Store.Publishers.FindAsync(publisher.Id, Cancel)).Should().BeEquivalentTo(first);
        (await Store.Publishers.UpdateAsync(publisher.Id, change with { IfVersion = first.Version }, Cancel))!.Version.Should().Be(first.Version + 1);
    }

    [Fact]
    public async Task Of_changes_to_one_version_at_once_one_succeeds()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());

        var changed = await Task.WhenAll(Enumerable.Range(1, 8).Select(attempts => Store.Publishers.UpdateAsync(
            publisher.Id, new PublisherChange { Settings = publisher.Settings with { MaxAttempts = attempts }, IfVersion = publisher.Version }, Cancel)));

        changed.OfType<Publisher>().Should().ContainSingle().Which.Version.Should().Be(publisher.Version + 1);
    }

    [Fact]
    public async Task New_settings_leave_a_paused_publisher_paused()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var paused = await PauseAsync(publisher, "gone");
        await Store.AdvanceAsync(TimeSpan.FromHours(1));

        var changed = await Store.Publishers.UpdateAsync(
            publisher.Id, new PublisherChange { Settings = publisher.Settings with { MaxAttempts = 5 } }, Cancel);

        changed.Should().BeEquivalentTo(new { Active = false, PausedReason = "gone", paused.PausedAt, Version = publisher.Version + 2 });
        changed!.Settings.MaxAttempts.Should().Be(5);
    }

    [Fact]
    public async Task A_publisher_that_is_paused_again_is_paused_since_the_first_time()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var paused = await PauseAsync(publisher, "gone");
        await Store.AdvanceAsync(TimeSpan.FromHours(1));

        var again = await PauseAsync(publisher, "at the customer's wish");

        again.Should().BeEquivalentTo(new { paused.PausedAt, PausedReason = "at the customer's wish" });
        (await Store.Publishers.FindAsync(publisher.Id, Cancel)).Should().BeEquivalentTo(again);
    }

    [Fact]
    public async Task A_publisher_that_was_resumed_in_between_is_paused_since_the_last_time()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var first = await PauseAsync(publisher, "gone");
        await Store.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = true }, Cancel);
        await Store.AdvanceAsync(TimeSpan.FromHours(1));

        var second = await PauseAsync(publisher, "gone");

        second.PausedAt.Should().BeOnOrAfter(first.PausedAt!.Value.AddHours(1));
    }

    [Fact]
    public async Task A_publisher_that_is_created_paused_is_paused_since_then()
    {
        var topic = await AddTopicAsync();
        var before = await Store.NowAsync();
        var paused = await AddPublisherAsync(topic, "http://paused.example/", active: false);
        var active = await AddPublisherAsync(topic, "http://active.example/");

        paused.PausedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        active.PausedAt.Should().BeNull();
        (await Store.Publishers.FindAsync(paused.Id, Cancel)).Should().BeEquivalentTo(paused);
        (await Store.Publishers.ListAsync(topic.Id, 0, 10, Cancel)).Select(status => status.Publisher.PausedAt).Should().Equal(paused.PausedAt, null);
        (await StatesOfPausedAsync()).Should().Equal(paused.PausedAt, null);

        async Task<IEnumerable<DateTimeOffset?>> StatesOfPausedAsync() =>
            (await Store.Deliveries.StatesAsync((await FillAsync(topic, 1))[0], Cancel)).Select(state => state.Publisher.PausedAt);
    }

    private async Task<Publisher> PauseAsync(Publisher publisher, string reason) =>
        (await Store.Publishers.UpdateAsync(publisher.Id, new PublisherChange { Active = false, PausedReason = reason }, Cancel))!;
}
