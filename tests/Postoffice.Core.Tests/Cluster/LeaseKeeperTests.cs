using Microsoft.Extensions.Time.Testing;
using Postoffice.Cluster;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Cluster;

public sealed class LeaseKeeperTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterOptions _options = new() { LeaseDuration = TimeSpan.FromSeconds(10), LeaseMargin = TimeSpan.FromSeconds(1) };
    private readonly SlowLeaseStore _store;
    private readonly LeaseKeeper _keeper;

    public LeaseKeeperTests()
    {
        _store = new SlowLeaseStore(_time);
        _keeper = new LeaseKeeper(_store, _options, _time);
    }

    [Fact]
    public async Task A_lease_is_valid_until_a_margin_before_its_end()
    {
        var hold = await AcquireOneAsync();

        _time.Advance(TimeSpan.FromSeconds(9) - TimeSpan.FromTicks(1));
        hold.IsValid.Should().BeTrue();
        _time.Advance(TimeSpan.FromTicks(1));
        hold.IsValid.Should().BeFalse();
    }

    [Fact]
    public async Task Its_time_counts_from_before_the_store_was_asked()
    {
        _store.Delay = TimeSpan.FromSeconds(4);
        var hold = await AcquireOneAsync();

        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        hold.IsValid.Should().BeTrue();
        _time.Advance(TimeSpan.FromTicks(1));
        hold.IsValid.Should().BeFalse("four of the nine seconds went by while the store answered");
    }

    [Fact]
    public async Task An_answer_that_took_longer_than_the_lease_is_worth_nothing()
    {
        _store.Delay = TimeSpan.FromSeconds(9);
        (await AcquireOneAsync()).IsValid.Should().BeFalse();
    }

    [Fact]
    public async Task A_renewal_prolongs_from_before_it_was_asked_for()
    {
        var hold = await AcquireOneAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        _store.Delay = TimeSpan.FromSeconds(2);

        (await _keeper.RenewAsync([(hold, null)], CancellationToken.None)).Should().BeEmpty();

        _time.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromTicks(1));
        hold.IsValid.Should().BeTrue();
        _time.Advance(TimeSpan.FromTicks(1));
        hold.IsValid.Should().BeFalse();
    }

    [Fact]
    public async Task A_renewal_tells_what_is_lost_and_does_not_prolong_it()
    {
        _store.Free.AddRange([Lease(1), Lease(2), Lease(3)]);
        var holds = await _keeper.AcquireAsync([], CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(5));
        _store.Held.Remove(2);

        (await _keeper.RenewAsync([.. holds.Select(hold => (hold, (string?)null))], CancellationToken.None)).Should().Equal(holds[1]);

        _time.Advance(TimeSpan.FromSeconds(5));
        holds.Select(hold => hold.IsValid).Should().Equal(true, false, true);
    }

    [Fact]
    public async Task A_paused_publisher_is_to_be_stopped_and_goes_on_being_held_while_it_drains()
    {
        var hold = await AcquireOneAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        _store.Paused.Add(1);

        (await _keeper.RenewAsync([(hold, null)], CancellationToken.None)).Should().Equal(hold);

        _time.Advance(TimeSpan.FromSeconds(5));
        hold.IsValid.Should().BeTrue();
    }

    [Fact]
    public async Task A_renewal_that_fails_leaves_the_leases_to_run_out()
    {
        var hold = await AcquireOneAsync();
        _store.Failure = new StorageUnavailableException();

        await FluentActions.Awaiting(() => _keeper.RenewAsync([(hold, null)], CancellationToken.None)).Should().ThrowAsync<StorageUnavailableException>();

        _time.Advance(TimeSpan.FromSeconds(9));
        hold.IsValid.Should().BeFalse();
    }

    [Fact]
    public async Task A_lease_is_given_back_under_its_own_epoch_and_node()
    {
        var hold = await AcquireOneAsync();
        await _keeper.ReleaseAsync(hold, CancellationToken.None);

        _store.Released.Should().Equal((_keeper.NodeId, 1, 7));
    }

    [Fact]
    public void A_node_that_starts_again_is_another_node() =>
        new LeaseKeeper(_store, _options, _time).NodeId.Should().NotBe(_keeper.NodeId);

    private async Task<LeaseHold> AcquireOneAsync()
    {
        _store.Free.Add(Lease(1));
        return (await _keeper.AcquireAsync([], CancellationToken.None)).Should().ContainSingle().Subject;
    }

    private static Lease Lease(long publisherId) => new(publisherId, Epoch: 7, Cursor: 0, []);

    /// <summary>Takes its time over every answer.</summary>
    private sealed class SlowLeaseStore(FakeTimeProvider time) : ILeaseStore
    {
        public TimeSpan Delay { get; set; }

        public Exception? Failure { get; set; }

        public List<Lease> Free { get; } = [];

        public List<long> Held { get; } = [];

        public List<long> Paused { get; } = [];

        public List<(Guid NodeId, long PublisherId, long Epoch)> Released { get; } = [];

        public Task<IReadOnlyList<Lease>> AcquireAsync(
            Guid nodeId, int max, IReadOnlyCollection<long> except, TimeSpan duration, CancellationToken cancellationToken)
        {
            duration.Should().Be(TimeSpan.FromSeconds(10), "the margin is the node's own affair");
            time.Advance(Delay);
            Held.AddRange(Free.Select(lease => lease.PublisherId));
            return Task.FromResult<IReadOnlyList<Lease>>([.. Free]);
        }

        public Task<IReadOnlyList<RenewedLease>> RenewAsync(
            Guid nodeId, string hostName, IReadOnlyCollection<HeldLease> held, TimeSpan duration, CancellationToken cancellationToken)
        {
            time.Advance(Delay);
            return Failure is null
                ? Task.FromResult<IReadOnlyList<RenewedLease>>([.. Held.Select(id => new RenewedLease(id, IsActive: !Paused.Contains(id)))])
                : throw Failure;
        }

        public Task<IReadOnlyDictionary<long, PublisherOwner>> OwnersAsync(IReadOnlyCollection<long> publisherIds, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ReleaseAsync(Guid nodeId, long publisherId, long epoch, CancellationToken cancellationToken)
        {
            Released.Add((nodeId, publisherId, epoch));
            return Task.CompletedTask;
        }
    }
}
