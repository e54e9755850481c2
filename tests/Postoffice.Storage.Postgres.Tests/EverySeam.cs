using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Topics;

namespace Postoffice.Storage.Postgres.Tests;

/// <summary>One call of every method of every seam.</summary>
internal static class EverySeam
{
    public static IReadOnlyList<(string Name, Func<TestDatabase, CancellationToken, Task> Call)> Calls { get; } =
    [
        ("ping", (database, cancel) => database.Storage.PingAsync(cancel)),
        ("migrate", (database, cancel) => database.Storage.MigrateAsync(cancel)),
        ("check the schema", (database, cancel) => database.Storage.CheckSchemaAsync(cancel)),
        ("add a topic", (database, cancel) => database.Topics.TryAddAsync(new NewTopic("another", "host"), cancel)),
        ("find a topic by name", (database, cancel) => database.Topics.FindAsync("orders", cancel)),
        ("find a topic by number", (database, cancel) => database.Topics.FindAsync(1, cancel)),
        ("list topics", (database, cancel) => database.Topics.ListAsync(0, 10, cancel)),
        ("delete a topic", (database, cancel) => database.Topics.TryDeleteAsync("none", cancel)),
        ("add a publisher", (database, cancel) =>
            database.Publishers.TryAddAsync(new NewPublisher("orders", "http", "http://another", true, false, PublisherSettings.Default), cancel)),
        ("find a publisher", (database, cancel) => database.Publishers.FindAsync(1, cancel)),
        ("find publishers", (database, cancel) => database.Publishers.FindManyAsync([1], cancel)),
        ("find a status", (database, cancel) => database.Publishers.FindStatusAsync(1, cancel)),
        ("list publishers", (database, cancel) => database.Publishers.ListAsync(null, 0, 10, cancel)),
        ("update a publisher", (database, cancel) => database.Publishers.UpdateAsync(1, new PublisherChange { Active = true }, cancel)),
        ("delete a publisher", (database, cancel) => database.Publishers.DeleteAsync(99, cancel)),
        ("append", (database, cancel) => database.Log.AppendAsync(1, [new AppendRequest([Message()])], cancel)),
        ("append with a key", (database, cancel) => database.Log.AppendAsync(1, [new AppendRequest([Message("a")])], cancel)),
        ("read", (database, cancel) => database.Log.ReadAsync(1, 0, 10, 1_000, cancel)),
        ("read heads", (database, cancel) => database.Log.HeadsAsync([1], cancel)),
        ("find a message", (database, cancel) => database.Log.FindAsync(Guid.NewGuid(), cancel)),
        ("stage", (database, cancel) => database.Staged.StageAsync(new StagedMessage(1, Message(), DateTimeOffset.UnixEpoch), cancel)),
        ("stage with a key", (database, cancel) => database.Staged.StageAsync(new StagedMessage(1, Message("b"), DateTimeOffset.UnixEpoch), cancel)),
        ("find a staged message", (database, cancel) => database.Staged.FindAsync(Guid.NewGuid(), cancel)),
        ("relay", (database, cancel) => database.Staged.RelayDueAsync(10, cancel)),
        ("ask for the next staged message", (database, cancel) => database.Staged.NextDueAsync(cancel)),
        ("settle", (database, cancel) => database.Deliveries.SettleAsync(
            new SettleBatch { TopicId = 1, PublisherId = 1, Epoch = 1, Sequence = 1, Cursor = 1, SettledAbove = [], Unparked = [1] }, cancel)),
        ("settle what was delivered", (database, cancel) => database.Deliveries.SettleAsync(
            new SettleBatch { TopicId = 1, PublisherId = 1, Epoch = 1, Sequence = 1, Cursor = 1, SettledAbove = [] }, cancel)),
        ("read what is due", (database, cancel) => database.Deliveries.ReadDueAsync(1, 1, [], 10, cancel)),
        ("make one parked delivery due", (database, cancel) => database.Deliveries.MakeDueAsync(1, 1, 1, cancel)),
        ("make due what waits for the receiver", (database, cancel) => database.Deliveries.MakeUnavailableDueAsync(1, 1, 1, cancel)),
        ("ask for the next due delivery", (database, cancel) => database.Deliveries.NextDueAsync([1], cancel)),
        ("tell states", (database, cancel) => database.Deliveries.StatesAsync(
            new Message { Id = Guid.NewGuid(), TopicId = 1, Position = 1, Payload = default, ReceivedAt = default }, cancel)),
        ("read the lines of keys", (database, cancel) => database.OrderingKeys.ReadLinesAsync(1, 1, cancel)),
        ("read the line of a key", (database, cancel) => database.OrderingKeys.ReadLineAsync(1, 1, ["a"], [], 10, cancel)),
        ("dissolve the lines of keys", (database, cancel) => database.OrderingKeys.DissolveAsync(1, 1, 1, cancel)),
        ("list blocked keys", (database, cancel) => database.OrderingKeys.ListAsync(1, 1, null, 10, cancel)),
        ("find a blocked key", (database, cancel) => database.OrderingKeys.FindAsync(1, 1, "a", cancel)),
        ("list dead letters", (database, cancel) => database.DeadLetters.ListAsync(All, null, 10, cancel)),
        ("find a dead letter", (database, cancel) => database.DeadLetters.FindAsync(new DeadLetterId(1, 1), cancel)),
        ("count dead letters", (database, cancel) => database.DeadLetters.CountAsync(All, cancel)),
        ("group dead letters", (database, cancel) => database.DeadLetters.GroupsAsync(All, 10, cancel)),
        ("retry dead letters", (database, cancel) => database.DeadLetters.RetryAsync(All, 10, cancel)),
        ("discard dead letters", (database, cancel) => database.DeadLetters.DiscardAsync(All, 10, cancel)),
        ("start a replay", (database, cancel) => database.Replays.StartAsync(1, new ReplayRequest(null, null, OnlyFailed: false), dryRun: false, cancel)),
        ("try a replay out", (database, cancel) =>
            database.Replays.StartAsync(1, new ReplayRequest(DateTimeOffset.UnixEpoch, null, OnlyFailed: true), dryRun: true, cancel)),
        ("cancel a replay", (database, cancel) => database.Replays.CancelAsync(1, cancel)),
        ("find a replay", (database, cancel) => database.Replays.FindAsync(1, cancel)),
        ("read what is replayed", (database, cancel) => database.Replays.ReadAsync(1, Replay(onlyFailed: false), 0, 10, cancel)),
        ("read what failed and is replayed", (database, cancel) => database.Replays.ReadAsync(1, Replay(onlyFailed: true), 0, 10, cancel)),
        ("search messages", (database, cancel) => database.Search.SearchAsync(new MessageQuery(), LogStretch.All, null, 11, 10, cancel)),
        ("find a position by time", (database, cancel) => database.Search.FirstPositionAsync(1, DateTimeOffset.UnixEpoch, cancel)),
        ("acquire", (database, cancel) => database.Leases.AcquireAsync(Guid.NewGuid(), 1, [], TimeSpan.FromSeconds(10), cancel)),
        ("renew", (database, cancel) => database.Leases.RenewAsync(Guid.NewGuid(), "host", [], TimeSpan.FromSeconds(10), cancel)),
        ("tell owners", (database, cancel) => database.Leases.OwnersAsync([1], cancel)),
        ("write activity", (database, cancel) => database.Activity.WriteAsync(
            Guid.NewGuid(), [new ActivityRow(DateTimeOffset.UnixEpoch, 1, 0) { Received = 1, Latencies = [0, 1] }], cancel)),
        ("read activity", (database, cancel) => database.Activity.ReadAsync(ActivityScope.OfPublisher(1, 1), cancel)),
        ("count attempts", (database, cancel) => database.Activity.AttemptsAsync([1], cancel)),
        ("prune activity", (database, cancel) => database.Activity.PruneAsync(TimeSpan.FromHours(25), 10, cancel)),
        ("read the overview", (database, cancel) => database.Overview.ReadAsync(cancel)),
        ("take the pulse", (database, cancel) => database.Overview.PulseAsync(cancel)),
        ("list nodes", (database, cancel) => database.Overview.NodesAsync(cancel)),
        ("tell the figures of topics", (database, cancel) => database.Overview.TopicsAsync([1], cancel)),
        ("release", (database, cancel) => database.Leases.ReleaseAsync(Guid.NewGuid(), 1, 1, cancel)),
    ];

    private static DeadLetterFilter All => new();

    private static Replay Replay(bool onlyFailed) => new()
    {
        Id = Guid.NewGuid(), PublisherId = 1, Position = 0, Until = 10, OnlyFailed = onlyFailed, RequestedAt = DateTimeOffset.UnixEpoch,
    };

    private static NewMessage Message(string? key = null) => new() { Payload = "{}"u8.ToArray(), IdempotencyKey = key };
}
