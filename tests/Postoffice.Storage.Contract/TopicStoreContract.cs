using Postoffice.Messages;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="ITopicStore"/> promises.</summary>
public abstract class TopicStoreContract : StorageContract
{
    [Fact]
    public async Task A_new_topic_is_found_by_name_and_by_number()
    {
        var before = await Store.NowAsync();
        var added = await Store.Topics.TryAddAsync(new NewTopic("orders", "sender.example", RecoveryEnabled: true), Cancel);

        added.Should().NotBeNull();
        added!.Name.Should().Be("orders");
        added.OriginHost.Should().Be("sender.example");
        added.RecoveryEnabled.Should().BeTrue();
        added.CreatedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        (await Store.Topics.FindAsync("orders", Cancel)).Should().Be(added);
        (await Store.Topics.FindAsync(added.Id, Cancel)).Should().Be(added);
    }

    [Fact]
    public async Task A_topic_may_have_no_origin_host()
    {
        await AddTopicAsync();

        (await Store.Topics.FindAsync("orders", Cancel)).Should().BeEquivalentTo(new { OriginHost = (string?)null, RecoveryEnabled = false });
    }

    [Theory]
    [InlineData(" t1 ")]
    [InlineData("café")]
    [InlineData("日本語 𝒳 🎉")]
    [InlineData("100%_'\"\\;--")]
    public async Task A_name_is_kept_as_it_is(string name)
    {
        await AddTopicAsync(name);

        (await Store.Topics.FindAsync(name, Cancel))!.Name.Should().Be(name);
    }

    [Fact]
    public async Task A_name_of_255_characters_fits()
    {
        var name = new string('é', 255);
        await AddTopicAsync(name);

        (await Store.Topics.FindAsync(name, Cancel))!.Name.Should().Be(name);
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        var first = await AddTopicAsync();

        (await Store.Topics.TryAddAsync(new NewTopic("orders", "other.example"), Cancel)).Should().BeNull();
        (await Store.Topics.FindAsync("orders", Cancel)).Should().Be(first);
    }

    [Theory]
    [InlineData("Orders")]
    [InlineData("orders ")]
    [InlineData(" orders")]
    public async Task Names_that_differ_in_case_or_blanks_are_different(string other)
    {
        await AddTopicAsync("orders");

        (await Store.Topics.FindAsync(other, Cancel)).Should().BeNull();
        (await Store.Topics.TryAddAsync(new NewTopic(other, null), Cancel)).Should().NotBeNull();
    }

    [Fact]
    public async Task Of_many_concurrent_creates_of_a_name_one_adds()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ =>
            Task.Run(() => Store.Topics.TryAddAsync(new NewTopic("orders", null), Cancel), Cancel)));

        results.Should().ContainSingle(topic => topic != null);
        (await Store.Topics.ListAsync(0, 10, Cancel)).Should().ContainSingle();
    }

    [Fact]
    public async Task An_unknown_topic_is_not_found()
    {
        (await Store.Topics.FindAsync("nothing", Cancel)).Should().BeNull();
        (await Store.Topics.FindAsync(4711, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Topics_are_listed_in_order_of_number_page_by_page()
    {
        var topics = new List<Topic>();
        foreach (var name in new[] { "c", "a", "b", "e", "d" })
        {
            topics.Add(await AddTopicAsync(name));
        }

        topics.Select(topic => topic.Id).Should().BeInAscendingOrder();
        (await Store.Topics.ListAsync(0, 2, Cancel)).Should().Equal(topics[0], topics[1]);
        (await Store.Topics.ListAsync(topics[1].Id, 2, Cancel)).Should().Equal(topics[2], topics[3]);
        (await Store.Topics.ListAsync(topics[3].Id, 2, Cancel)).Should().Equal(topics[4]);
        (await Store.Topics.ListAsync(topics[4].Id, 2, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task An_unused_topic_is_deleted()
    {
        var topic = await AddTopicAsync();

        (await Store.Topics.TryDeleteAsync("orders", Cancel)).Should().Be(DeleteTopicStatus.Deleted);
        (await Store.Topics.FindAsync("orders", Cancel)).Should().BeNull();
        (await Store.Topics.FindAsync(topic.Id, Cancel)).Should().BeNull();
        (await Store.Log.HeadsAsync([topic.Id], Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_deleted_name_is_free_again_and_its_log_starts_anew()
    {
        var first = await AddTopicAsync();
        await Store.Topics.TryDeleteAsync("orders", Cancel);

        var second = await AddTopicAsync();

        second.Id.Should().NotBe(first.Id);
        (await AppendAsync(second, NewMessage())).FirstPosition.Should().Be(1);
    }

    [Fact]
    public async Task Deleting_an_unknown_topic_finds_nothing() =>
        (await Store.Topics.TryDeleteAsync("nothing", Cancel)).Should().Be(DeleteTopicStatus.NotFound);

    [Fact]
    public async Task A_topic_with_a_message_is_in_use()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage());

        await ShouldBeInUseAsync();
    }

    [Fact]
    public async Task A_topic_with_a_staged_message_is_in_use()
    {
        var topic = await AddTopicAsync();
        await Store.Staged.StageAsync(new StagedMessage(topic.Id, NewMessage(), await Store.NowAsync() + TimeSpan.FromDays(1)), Cancel);

        await ShouldBeInUseAsync();
    }

    [Fact]
    public async Task A_topic_with_a_publisher_is_in_use_even_when_it_is_paused()
    {
        await AddPublisherAsync(await AddTopicAsync(), active: false);

        await ShouldBeInUseAsync();
    }

    [Fact]
    public async Task A_deleted_publisher_does_not_keep_its_topic()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        await Store.Publishers.DeleteAsync(publisher.Id, Cancel);

        (await Store.Topics.TryDeleteAsync("orders", Cancel)).Should().Be(DeleteTopicStatus.Deleted);
    }

    private async Task ShouldBeInUseAsync()
    {
        (await Store.Topics.TryDeleteAsync("orders", Cancel)).Should().Be(DeleteTopicStatus.InUse);
        (await Store.Topics.FindAsync("orders", Cancel)).Should().NotBeNull();
    }
}
