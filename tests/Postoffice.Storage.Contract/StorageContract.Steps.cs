using System.Text;
using Postoffice.Cluster;
using Postoffice.Deliveries;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Topics;

namespace Postoffice.Storage.Contract;

/// <summary>The steps that the suites share: make a topic, publish to it, lease a publisher, settle, look at the books.</summary>
public abstract partial class StorageContract
{
    /// <summary>Long against the time a test takes, so that a store on the system's clock keeps its leases while a test runs.</summary>
    private protected static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(10);

    private protected static readonly Guid NodeA = Guid.Parse("0198a000-0000-7000-8000-00000000000a");
    private protected static readonly Guid NodeB = Guid.Parse("0198a000-0000-7000-8000-00000000000b");

    private protected static NewMessage NewMessage(string payload = "{}", string? key = null) => NewMessage(Encoding.UTF8.GetBytes(payload), key);

    private protected static NewMessage NewMessage(ReadOnlyMemory<byte> payload, string? key = null) => new() { Payload = payload, IdempotencyKey = key };

    private protected static AppendRequest Request(params NewMessage[] messages) => new(messages);

    private protected static AppendRequest Requests(int count, string? key = null) =>
        new([.. Enumerable.Range(0, count).Select(index => NewMessage($"{index}", index == 0 ? key : null))]);

    private protected static NewPublisher NewPublisher(
        string topic, string target = "http://receiver.example/", string type = "http", bool active = true, bool fromNow = false) =>
        new(topic, type, target, active, fromNow, PublisherSettings.Default);

    private protected async Task<Topic> AddTopicAsync(string name = "orders") =>
        await Store.Topics.TryAddAsync(new NewTopic(name, OriginHost: null), Cancel) ?? throw new InvalidOperationException($"The name {name} is taken.");

    private protected async Task<Publisher> AddPublisherAsync(
        Topic topic, string target = "http://receiver.example/", bool active = true, bool fromNow = false)
    {
        var result = await Store.Publishers.TryAddAsync(NewPublisher(topic.Name, target, active: active, fromNow: fromNow), Cancel);
        result.Status.Should().Be(AddPublisherStatus.Added);
        return result.Publisher!;
    }

    private protected async Task<AppendResult> AppendAsync(Topic topic, params NewMessage[] messages)
    {
        var results = await Store.Log.AppendAsync(topic.Id, [Request(messages)], Cancel);
        return results.Should().ContainSingle().Subject;
    }

    /// <summary>Appends messages with the payloads <c>1</c>, <c>2</c>, <c>3</c> … and reads them back.</summary>
    private protected async Task<IReadOnlyList<Message>> FillAsync(Topic topic, int count)
    {
        foreach (var chunk in Enumerable.Range(1, count).Chunk(1_000))
        {
            await AppendAsync(topic, [.. chunk.Select(number => NewMessage($"{number}"))]);
        }

        return await ReadAllAsync(topic);
    }

    /// <summary>Appends one message with each of these ordering keys and reads them back.</summary>
    private protected async Task<IReadOnlyList<Message>> FillAsync(Topic topic, params string?[] keys)
    {
        await AppendAsync(topic, [.. keys.Select(key => new NewMessage { Payload = "{}"u8.ToArray(), OrderingKey = key })]);
        return await ReadAllAsync(topic);
    }

    private protected Task<IReadOnlyList<Message>> ReadAllAsync(Topic topic) => Store.Log.ReadAsync(topic.Id, 0, int.MaxValue, int.MaxValue, Cancel);

    private protected static string Text(Message message) => Encoding.UTF8.GetString(message.Payload.Span);

    /// <summary>Takes the one publisher that is free.</summary>
    private protected async Task<Lease> LeaseAsync(Guid node) => (await TakeAsync(node, 1)).Should().ContainSingle().Subject;

    private protected Task<IReadOnlyList<Lease>> TakeAsync(Guid node, int max, params long[] except) =>
        Store.Leases.AcquireAsync(node, max, except, LeaseDuration, Cancel);

    private protected static IReadOnlyCollection<HeldLease> Held(IEnumerable<Lease> leases) =>
        [.. leases.Select(lease => new HeldLease(lease.PublisherId, lease.Epoch))];

    /// <summary>Lets all leases run out and takes the publisher again, to see what the store kept of it.</summary>
    private protected async Task<Lease> LeaseAgainAsync(Guid node)
    {
        await Store.AdvanceAsync(LeaseDuration + TimeSpan.FromSeconds(1));
        return await LeaseAsync(node);
    }

    private protected async Task<long> CursorAsync(long publisherId) => (await Store.Publishers.FindStatusAsync(publisherId, Cancel))!.Cursor;

    /// <summary>The state of a message for the only publisher of its topic.</summary>
    private protected async Task<DeliveryState> StateAsync(Message message) =>
        (await Store.Deliveries.StatesAsync(message, Cancel)).Should().ContainSingle().Subject;

    /// <summary>Moves the clock to just after the start of a minute, so that the test does not run across its end.</summary>
    /// <returns>When the minute began.</returns>
    private protected async Task<DateTimeOffset> BeginMinuteAsync()
    {
        var now = await Store.NowAsync();
        var next = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero).AddMinutes(1);
        await Store.AdvanceAsync(next - now + TimeSpan.FromSeconds(1));
        return next;
    }
}
