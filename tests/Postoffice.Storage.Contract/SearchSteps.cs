using Postoffice.Messages;
using Postoffice.Search;

namespace Postoffice.Storage.Contract;

/// <summary>The steps of the suites that search for messages.</summary>
public abstract class SearchSteps : StorageContract
{
    private protected static MessageQuery All => new();

    private protected Task<SearchedChunk> LookAsync(MessageQuery query, MessagePlace? after = null, int chunk = 500, int limit = 100) =>
        Store.Search.SearchAsync(query, LogStretch.All, after, chunk, limit, Cancel);

    /// <summary>Walks to the end in steps of this size, and checks each of them.</summary>
    private protected async Task<IReadOnlyList<FoundMessage>> WalkAsync(MessageQuery query, int chunk = 500, int limit = 100, Func<Task>? between = null)
    {
        var found = new List<FoundMessage>();
        MessagePlace? after = null;
        do
        {
            var part = await LookAsync(query, after, chunk, limit);
            part.Messages.Should().HaveCountLessThanOrEqualTo(limit);
            part.Scanned.Should().BeGreaterThanOrEqualTo(part.Messages.Count).And.BeLessThanOrEqualTo(chunk);
            found.AddRange(part.Messages);
            after = part.Next;
            await (between?.Invoke() ?? Task.CompletedTask);
        }
        while (after is not null);
        return found;
    }

    /// <summary>Searches as a caller does, answer by answer.</summary>
    private protected async Task<IReadOnlyList<FoundMessage>> SearchAsync(MessageQuery query, int limit = 100)
    {
        var search = new MessageSearch(Store.Search, TimeProvider.System);
        var found = new List<FoundMessage>();
        MessagePlace? after = null;
        do
        {
            var answer = await search.FindAsync(query, after, limit, Cancel);
            found.AddRange(answer.Messages);
            after = answer.Next;
        }
        while (after is not null);
        return found;
    }

    private protected static IEnumerable<long> Positions(IEnumerable<FoundMessage> messages) => messages.Select(message => message.Position);

    private protected static IEnumerable<(long Topic, long Position)> Places(IEnumerable<FoundMessage> messages) =>
        messages.Select(message => (message.TopicId, message.Position));

    private protected static IEnumerable<long> Down(long from, long to = 1)
    {
        for (var position = from; position >= to; position--)
        {
            yield return position;
        }
    }
}
