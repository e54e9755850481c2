using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Messages;
using Postoffice.Storage;
using Postoffice.Storage.InMemory;
using Postoffice.Topics;

namespace Postoffice.Core.Tests.Storage;

/// <summary>A log in front of another: holds up or fails what it is told to, and records what it was asked.</summary>
internal sealed class ScriptedMessageLog(IMessageLog inner) : IMessageLog
{
    /// <summary>Runs before a read; may wait or throw.</summary>
    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs before an append; may wait or throw.</summary>
    public Func<Task> BeforeAppend { get; set; } = () => Task.CompletedTask;

    /// <summary>After which position each read began.</summary>
    public ConcurrentQueue<long> Reads { get; } = new();

    public ConcurrentQueue<IReadOnlyList<AppendRequest>> Appends { get; } = new();

    /// <summary>The log of one topic (number 1, "orders") in memory.</summary>
    public static ScriptedMessageLog WithOneTopic()
    {
        var database = new InMemoryDatabase(new FakeTimeProvider());
        database.Topics.Add(1, new TopicRow(new Topic(1, "orders", "localhost", false, default)));
        return new ScriptedMessageLog(new InMemoryMessageLog(database));
    }

    public static AppendRequest Request(string payload = "{}", string? key = null, int count = 1) =>
        Request(Encoding.UTF8.GetBytes(payload), key, count);

    public static AppendRequest Request(byte[] payload, string? key = null, int count = 1) =>
        new([.. Enumerable.Range(0, count).Select(index => new NewMessage { Payload = payload, IdempotencyKey = index == 0 ? key : null })]);

    public async Task<AppendResult[]?> AppendAsync(long topicId, IReadOnlyList<AppendRequest> requests, CancellationToken cancellationToken)
    {
        Appends.Enqueue(requests);
        await BeforeAppend();
        return await inner.AppendAsync(topicId, requests, cancellationToken);
    }

    public async Task<IReadOnlyList<Message>> ReadAsync(long topicId, long after, int maxCount, int maxBytes, CancellationToken cancellationToken)
    {
        Reads.Enqueue(after);
        await BeforeRead();
        return await inner.ReadAsync(topicId, after, maxCount, maxBytes, cancellationToken);
    }

    public Task<IReadOnlyDictionary<long, long>> HeadsAsync(IReadOnlyCollection<long> topicIds, CancellationToken cancellationToken) =>
        inner.HeadsAsync(topicIds, cancellationToken);

    public Task<Message?> FindAsync(Guid id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    /// <summary>Puts messages of one payload at the end of the log, past what is scripted and recorded.</summary>
    /// <returns>What the log says of them.</returns>
    public async Task<IReadOnlyList<Message>> GrowAsync(int count, byte[]? payload = null)
    {
        var results = await inner.AppendAsync(1, [Request(payload ?? [0], count: count)], CancellationToken.None);
        return await inner.ReadAsync(1, results![0].FirstPosition - 1, count, int.MaxValue, CancellationToken.None);
    }
}
