using Postoffice.Cluster;
using Postoffice.Publishers;

namespace Postoffice.Storage.Contract;

/// <summary>What <see cref="ILeaseStore"/> promises of owners and of what they say of the publishers that they run.</summary>
public abstract class ReportContract : StorageContract
{
    [Fact]
    public async Task A_publisher_that_nobody_runs_has_no_owner()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());

        (await OwnersAsync(publisher.Id, 4_711)).Should().BeEmpty();
        (await OwnersAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Who_takes_a_publisher_owns_it()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        await LeaseAsync(NodeA);

        (await OwnersAsync(publisher.Id)).Should().BeEquivalentTo(
            new Dictionary<long, PublisherOwner> { [publisher.Id] = new(NodeA, Host: "", Report: null) }, "the node has not said yet where it runs");
    }

    [Fact]
    public async Task A_node_says_where_it_runs_and_how_its_publishers_do()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var lease = await LeaseAsync(NodeA);
        var report = Report(inFlight: 3) with
        {
            ProbeAt = new DateTimeOffset(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
            LastError = "connection refused 🎉 \"'",
            RateLimitedUntil = DateTimeOffset.UnixEpoch,
            OfflineUntil = DateTimeOffset.UnixEpoch.AddTicks(1),
            Sending = [new SendingReport(7, 2, DateTimeOffset.UnixEpoch.AddSeconds(1)), new SendingReport(9, 1, DateTimeOffset.UnixEpoch)],
        };

        await RenewAsync(NodeA, "one.example", Held(lease, report));

        (await OwnerAsync(publisher)).Should().BeEquivalentTo(new PublisherOwner(NodeA, "one.example", report));
    }

    [Fact]
    public async Task The_last_report_counts()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var lease = await LeaseAsync(NodeA);
        await RenewAsync(NodeA, "one.example", Held(lease, Report(inFlight: 1)));

        await RenewAsync(NodeA, "one.example", Held(lease, Report(inFlight: 2)));

        (await OwnerAsync(publisher))!.Report!.InFlight.Should().Be(2);
    }

    [Fact]
    public async Task To_renew_without_a_report_leaves_what_was_said_before()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var lease = await LeaseAsync(NodeA);
        await RenewAsync(NodeA, "one.example", Held(lease, Report(inFlight: 1)));

        await RenewAsync(NodeA, "one.example", Held(lease, report: null));

        (await OwnerAsync(publisher))!.Report!.InFlight.Should().Be(1);
    }

    [Fact]
    public async Task Each_publisher_has_its_own_report()
    {
        var publishers = await AddPublishersAsync(4);
        var leases = (await TakeAsync(NodeA, 3)).OrderBy(lease => lease.PublisherId).ToList();
        await TakeAsync(NodeB, 1);
        await RenewAsync(NodeB, "two.example");

        await RenewAsync(NodeA, "one.example", Held(leases[0], Report(inFlight: 1)), Held(leases[1], report: null), Held(leases[2], Report(inFlight: 3)));

        var owners = await OwnersAsync([.. publishers.Select(publisher => publisher.Id), publishers[0].Id]);
        owners.Should().HaveCount(4);
        leases.Select(lease => owners[lease.PublisherId].Report?.InFlight).Should().Equal(1, null, 3);
        leases.Should().OnlyContain(lease => owners[lease.PublisherId].NodeId == NodeA && owners[lease.PublisherId].Host == "one.example");
        owners.Values.Should().ContainEquivalentOf(new PublisherOwner(NodeB, "two.example", Report: null));
    }

    [Fact]
    public async Task A_report_ends_with_its_lease()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var lease = await LeaseAsync(NodeA);
        await RenewAsync(NodeA, "one.example", Held(lease, Report(inFlight: 1)));

        await Store.AdvanceAsync(LeaseDuration * 0.9);
        (await OwnersAsync(publisher.Id)).Should().ContainKey(publisher.Id);

        await Store.AdvanceAsync(LeaseDuration * 0.2);
        (await OwnersAsync(publisher.Id)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_lease_that_is_renewed_after_it_ran_out_has_its_report_again()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var lease = await LeaseAsync(NodeA);
        await RenewAsync(NodeA, "one.example", Held(lease, Report(inFlight: 1)));
        await Store.AdvanceAsync(LeaseDuration * 1.1);

        await RenewAsync(NodeA, "one.example", Held(lease, report: null));

        (await OwnerAsync(publisher))!.Report!.InFlight.Should().Be(1);
    }

    [Fact]
    public async Task The_next_owner_is_not_taken_for_the_one_before()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        await RenewAsync(NodeA, "one.example", Held(await LeaseAsync(NodeA), Report(inFlight: 1)));

        var second = await LeaseAgainAsync(NodeB);
        (await OwnerAsync(publisher)).Should().BeEquivalentTo(new PublisherOwner(NodeB, Host: "", Report: null));

        await RenewAsync(NodeB, "two.example", Held(second, report: null));
        (await OwnerAsync(publisher)).Should().BeEquivalentTo(new PublisherOwner(NodeB, "two.example", Report: null));
    }

    [Fact]
    public async Task A_node_that_takes_its_own_publisher_back_has_said_nothing_of_it_yet()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var first = await LeaseAsync(NodeA);
        await RenewAsync(NodeA, "one.example", Held(first, Report(inFlight: 1)));
        await Store.Leases.ReleaseAsync(NodeA, first.PublisherId, first.Epoch, Cancel);
        (await OwnersAsync(publisher.Id)).Should().BeEmpty("it was given back");

        await LeaseAsync(NodeA);

        (await OwnerAsync(publisher)).Should().BeEquivalentTo(new PublisherOwner(NodeA, "one.example", Report: null));
    }

    [Fact]
    public async Task A_late_report_changes_nothing()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var first = await LeaseAsync(NodeA);
        var second = await LeaseAgainAsync(NodeB);
        await RenewAsync(NodeB, "two.example", Held(second, Report(inFlight: 2)));

        await RenewAsync(NodeA, "one.example", Held(first, Report(inFlight: 1)), Held(second, Report(inFlight: 3)));

        (await OwnerAsync(publisher)).Should().BeEquivalentTo(new { NodeId = NodeB, Host = "two.example", Report = new { InFlight = 2 } });
    }

    [Fact]
    public async Task A_report_that_this_build_cannot_read_is_none()
    {
        var publisher = await AddPublisherAsync(await AddTopicAsync());
        var lease = await LeaseAsync(NodeA);

        await RenewAsync(NodeA, "one.example", new HeldLease(lease.PublisherId, lease.Epoch, """{"of_a_later_build": true}"""));

        (await OwnerAsync(publisher)).Should().BeEquivalentTo(new PublisherOwner(NodeA, "one.example", Report: null));
    }

    [Fact]
    public async Task A_paused_publisher_that_drains_has_its_owner_and_a_deleted_one_has_none()
    {
        var publishers = await AddPublishersAsync(2);
        await TakeAsync(NodeA, 2);
        await Store.Publishers.UpdateAsync(publishers[0].Id, new PublisherChange { Active = false }, Cancel);
        await Store.Publishers.DeleteAsync(publishers[1].Id, Cancel);

        (await OwnersAsync(publishers[0].Id, publishers[1].Id)).Keys.Should().Equal(publishers[0].Id);
    }

    private static HeldLease Held(Lease lease, PublisherReport? report) => new(lease.PublisherId, lease.Epoch, report?.ToJson());

    private static PublisherReport Report(int inFlight) => new()
    {
        At = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Breaker = "closed",
        MaxDemand = 50,
        EffectiveDemand = 25,
        InFlight = inFlight,
        Rate = 12.5,
    };

    private async Task<IReadOnlyList<Publisher>> AddPublishersAsync(int count)
    {
        var topic = await AddTopicAsync();
        var publishers = new List<Publisher>();
        for (var number = 0; number < count; number++)
        {
            publishers.Add(await AddPublisherAsync(topic, $"http://receiver.example/{number}"));
        }

        return publishers;
    }

    private Task<IReadOnlyList<RenewedLease>> RenewAsync(Guid node, string host, params HeldLease[] held) =>
        Store.Leases.RenewAsync(node, host, held, LeaseDuration, Cancel);

    private Task<IReadOnlyDictionary<long, PublisherOwner>> OwnersAsync(params long[] publisherIds) => Store.Leases.OwnersAsync(publisherIds, Cancel);

    private async Task<PublisherOwner?> OwnerAsync(Publisher publisher) => (await OwnersAsync(publisher.Id)).GetValueOrDefault(publisher.Id);
}
