using Postoffice.Deliveries;
using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="IDeadLetterStore"/> promises of looking at dead letters; for what is done with them see <see cref="DeadLetterChangeContract"/>.</summary>
public abstract class DeadLetterContract : LeasedPublisherSteps
{
    private static readonly DeadLetterFilter s_all = new();

    [Fact]
    public async Task A_dead_letter_keeps_everything()
    {
        await StartAsync("a", null);
        await Store.AdvanceAsync(Minute);
        var before = await Store.NowAsync();
        await SettleAsync(Settle().Kill(1, 7, 422, "max-attempts", "422 Unprocessable 🎉 %_'", "4xx unprocessable", key: "a", blocksKey: true));

        var letter = await FindAsync(1);

        letter.Should().BeEquivalentTo(new DeadLetter
        {
            PublisherId = Publisher.Id,
            Target = Publisher.Target,
            TopicId = Topic.Id,
            Topic = Topic.Name,
            Position = 1,
            MessageId = Messages[0].Id,
            OrderingKey = "a",
            BlocksKey = true,
            Attempts = 7,
            StatusCode = 422,
            Reason = "max-attempts",
            Error = "422 Unprocessable 🎉 %_'",
            Group = "4xx unprocessable",
            ReceivedAt = Messages[0].ReceivedAt,
            DiedAt = letter!.DiedAt,
        });
        letter.DiedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(await Store.NowAsync());
        (await ListAsync(s_all)).Should().Equal(letter);
    }

    [Fact]
    public async Task A_dead_letter_without_an_answer_has_no_status_code_and_one_without_a_key_none()
    {
        await StartAsync(1);
        await SettleAsync(Settle().Kill(1, statusCode: null));

        (await FindAsync(1)).Should().BeEquivalentTo(new { StatusCode = (int?)null, OrderingKey = (string?)null, BlocksKey = false });
    }

    [Fact]
    public async Task What_is_not_dead_is_not_found()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Kill(1).Park(2, TimeSpan.Zero));

        (await FindAsync(2)).Should().BeNull();
        (await Store.DeadLetters.FindAsync(new DeadLetterId(4_711, 1), Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task The_newest_come_first_page_by_page()
    {
        await StartAsync(9);
        var second = await AddSecondAsync();
        await SettleAsync(Settle().Kill(5).Kill(2).Kill(4));
        await Store.AdvanceAsync(Minute);
        await Store.Deliveries.SettleAsync(new Settlement(Topic.Id, second).Kill(1).Kill(3), Cancel);
        await Store.AdvanceAsync(Minute);
        await SettleAsync(Settle().Kill(1).Kill(7));

        var all = await ListAsync(s_all);

        all.Select(letter => (letter.PublisherId, letter.Position)).Should().BeEquivalentTo(
            [(Publisher.Id, 7L), (Publisher.Id, 1L), (second.PublisherId, 3L), (second.PublisherId, 1L), (Publisher.Id, 5L), (Publisher.Id, 4L), (Publisher.Id, 2L)]);
        Places(all).Should().BeInDescendingOrder();
        foreach (var size in new[] { 1, 2, 3, 7, 8 })
        {
            (await PagesAsync(size)).Should().Equal(all, "pages of {0} leave nothing out and repeat nothing", size);
        }
    }

    [Fact]
    public async Task Two_publishers_that_gave_up_at_the_same_moment_are_listed_by_number()
    {
        await StartAsync(2);
        var second = await AddSecondAsync();
        await SettleAsync(Settle().Kill(1).Kill(2));
        await Store.Deliveries.SettleAsync(new Settlement(Topic.Id, second).Kill(1).Kill(2), Cancel);

        Places(await ListAsync(s_all)).Should().HaveCount(4).And.BeInDescendingOrder();
        (await PagesAsync(1)).Should().Equal(await ListAsync(s_all));
    }

    [Fact]
    public async Task A_filter_names_publisher_topic_reason_and_group()
    {
        await StartAsync(5);
        var second = await AddSecondAsync();
        await SettleAsync(Settle()
            .Kill(1, reason: "max-attempts", group: "5xx a").Kill(2, reason: "max-attempts", group: "4xx b").Kill(3, reason: "max-age", group: "5xx a"));
        await Store.Deliveries.SettleAsync(new Settlement(Topic.Id, second).Kill(4, reason: "max-age", group: ""), Cancel);
        var invoices = await AddTopicAsync("invoices");
        await FillAsync(invoices, 5);
        await AddPublisherAsync(invoices);
        var third = await LeaseAsync(NodeA);
        await Store.Deliveries.SettleAsync(new Settlement(invoices.Id, third).Kill(5, reason: "max-age", group: "5xx a"), Cancel);

        await ShouldMeanAsync(s_all, 1, 2, 3, 4, 5);
        await ShouldMeanAsync(new DeadLetterFilter { PublisherId = Publisher.Id }, 1, 2, 3);
        await ShouldMeanAsync(new DeadLetterFilter { PublisherId = 4_711 });
        await ShouldMeanAsync(new DeadLetterFilter { TopicId = Topic.Id }, 1, 2, 3, 4);
        await ShouldMeanAsync(new DeadLetterFilter { TopicId = invoices.Id }, 5);
        await ShouldMeanAsync(new DeadLetterFilter { Reason = "max-age" }, 3, 4, 5);
        await ShouldMeanAsync(new DeadLetterFilter { Reason = "max" });
        await ShouldMeanAsync(new DeadLetterFilter { Group = "5xx a" }, 1, 3, 5);
        await ShouldMeanAsync(new DeadLetterFilter { Group = "" }, 4);
        await ShouldMeanAsync(new DeadLetterFilter { TopicId = Topic.Id, Reason = "max-age", Group = "5xx a" }, 3);
        await ShouldMeanAsync(new DeadLetterFilter { PublisherId = Publisher.Id, TopicId = invoices.Id });
    }

    [Fact]
    public async Task A_filter_names_a_stretch_of_time_whose_end_is_left_out()
    {
        await StartAsync(3);
        await KillAsync(1);
        await KillAsync(2);
        await KillAsync(3);
        var second = (await FindAsync(2))!.DiedAt;

        await ShouldMeanAsync(new DeadLetterFilter { From = second }, 2, 3);
        await ShouldMeanAsync(new DeadLetterFilter { To = second }, 1);
        await ShouldMeanAsync(new DeadLetterFilter { From = second, To = second });
        await ShouldMeanAsync(new DeadLetterFilter { From = second, To = second.AddSeconds(1) }, 2);
        await ShouldMeanAsync(new DeadLetterFilter { From = second.AddSeconds(1) }, 3);
        await ShouldMeanAsync(new DeadLetterFilter { From = second.ToOffset(TimeSpan.FromHours(2)) }, 2, 3);
    }

    [Fact]
    public async Task A_filter_names_single_dead_letters()
    {
        await StartAsync(3);
        var second = await AddSecondAsync();
        await SettleAsync(Settle().Kill(1).Kill(2, reason: "max-age").Kill(3));
        await Store.Deliveries.SettleAsync(new Settlement(Topic.Id, second).Kill(1), Cancel);
        DeadLetterId[] ids = [new(Publisher.Id, 1), new(Publisher.Id, 2), new(second.PublisherId, 3), new(4_711, 1), new(Publisher.Id, 1)];

        await ShouldMeanAsync(new DeadLetterFilter { Ids = ids }, 1, 2);
        await ShouldMeanAsync(new DeadLetterFilter { Ids = ids, Reason = "max-age" }, 2);
        await ShouldMeanAsync(new DeadLetterFilter { Ids = [] });
    }

    [Fact]
    public async Task Groups_tell_how_many_died_of_the_same_and_when_with_the_last_as_sample()
    {
        await StartAsync(7);
        await SettleAsync(Settle().Kill(3, reason: "max-age", group: "5xx a"));
        await Store.AdvanceAsync(Minute);
        await SettleAsync(Settle().Kill(1, reason: "max-attempts", group: "5xx a").Kill(4, reason: "max-attempts", group: "4xx b"));
        await Store.AdvanceAsync(Minute);
        await SettleAsync(Settle().Kill(6, reason: "max-attempts", group: "5xx a").Kill(5, reason: "max-age", group: "5xx a"));
        await Store.AdvanceAsync(Minute);
        await SettleAsync(Settle().Kill(2, reason: "max-attempts", group: "5xx a"));

        var groups = await Store.DeadLetters.GroupsAsync(s_all, 10, Cancel);

        groups.Select(group => (group.Reason, group.Group, group.Count)).Should().Equal(
            ("max-attempts", "5xx a", 3), ("max-age", "5xx a", 2), ("max-attempts", "4xx b", 1));
        groups.Select(group => group.Sample.Position).Should().Equal(2, 5, 4);
        groups[0].Sample.Should().Be(await FindAsync(2));
        groups[0].FirstDiedAt.Should().Be((await FindAsync(1))!.DiedAt);
        groups[0].LastDiedAt.Should().Be((await FindAsync(2))!.DiedAt);
        groups[2].FirstDiedAt.Should().Be(groups[2].LastDiedAt);
    }

    [Fact]
    public async Task Groups_are_of_what_the_filter_means_and_at_most_so_many()
    {
        await StartAsync(6);
        await SettleAsync(Settle().Kill(1, group: "a").Kill(2, group: "a").Kill(3, group: "a").Kill(4, group: "b").Kill(5, group: "b").Kill(6, group: "c"));
        DeadLetterId[] ids = [new(Publisher.Id, 1), new(Publisher.Id, 6)];

        (await GroupsAsync(s_all, 2)).Should().Equal(("a", 3), ("b", 2));
        (await GroupsAsync(new DeadLetterFilter { Group = "b" }, 2)).Should().Equal(("b", 2));
        (await GroupsAsync(new DeadLetterFilter { Ids = ids }, 10)).Should().BeEquivalentTo([("a", 1L), ("c", 1L)]);
        (await GroupsAsync(new DeadLetterFilter { Reason = "unknown" }, 10)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_delivery_that_dies_again_is_one_dead_letter()
    {
        await StartAsync(1);
        await SettleAsync(Settle().Kill(1, attempts: 3, reason: "max-age"));
        await Store.AdvanceAsync(Minute);
        var between = await Store.NowAsync();

        await SettleAsync(Settle().Kill(1, attempts: 1, reason: "max-attempts", group: "4xx"));

        var letter = (await ListAsync(s_all)).Should().ContainSingle().Subject;
        letter.Should().BeEquivalentTo(new { Attempts = 1, Reason = "max-attempts", Group = "4xx" });
        letter.DiedAt.Should().BeOnOrAfter(between);
        (await StatusAsync()).Dead.Should().Be(1);
    }

    [Fact]
    public async Task A_deleted_publisher_has_no_dead_letters()
    {
        await StartAsync(2);
        await SettleAsync(Settle().Kill(1).Kill(2));
        var id = new DeadLetterId(Publisher.Id, 1);

        await Store.Publishers.DeleteAsync(Publisher.Id, Cancel);

        foreach (var filter in new[] { s_all, new DeadLetterFilter { PublisherId = Publisher.Id }, new DeadLetterFilter { Ids = [id] } })
        {
            await ShouldMeanAsync(filter);
            (await Store.DeadLetters.GroupsAsync(filter, 10, Cancel)).Should().BeEmpty();
        }

        (await Store.DeadLetters.FindAsync(id, Cancel)).Should().BeNull();
    }

    private static IEnumerable<(DateTimeOffset DiedAt, long PublisherId, long Position)> Places(IEnumerable<DeadLetter> letters) =>
        letters.Select(letter => (letter.DiedAt, letter.PublisherId, letter.Position));

    private async Task KillAsync(long position)
    {
        await SettleAsync(Settle().Kill(position));
        await Store.AdvanceAsync(Minute);
    }

    private async Task<Cluster.Lease> AddSecondAsync()
    {
        await AddPublisherAsync(Topic, "http://second.example/");
        return await LeaseAsync(NodeA);
    }

    /// <summary>List and count agree on which positions are meant.</summary>
    private async Task ShouldMeanAsync(DeadLetterFilter filter, params long[] positions)
    {
        (await ListAsync(filter)).Select(letter => letter.Position).Should().BeEquivalentTo(positions);
        (await Store.DeadLetters.CountAsync(filter, Cancel)).Should().Be(positions.Length);
    }

    private async Task<IReadOnlyList<DeadLetter>> PagesAsync(int size)
    {
        var read = new List<DeadLetter>();
        IReadOnlyList<DeadLetter> page;
        do
        {
            page = await Store.DeadLetters.ListAsync(
                s_all, read is [.., var last] ? new DeadLetterPlace(last.DiedAt, last.PublisherId, last.Position) : null, size, Cancel);
            page.Should().HaveCountLessThanOrEqualTo(size).And.NotIntersectWith(read);
            read.AddRange(page);
        }
        while (page.Count > 0);
        return read;
    }

    private async Task<IEnumerable<(string Group, long Count)>> GroupsAsync(DeadLetterFilter filter, int limit) =>
        (await Store.DeadLetters.GroupsAsync(filter, limit, Cancel)).Select(group => (group.Group, group.Count));

    private Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter) => Store.DeadLetters.ListAsync(filter, after: null, 100, Cancel);

    private Task<DeadLetter?> FindAsync(long position) => Store.DeadLetters.FindAsync(new DeadLetterId(Publisher.Id, position), Cancel);
}
