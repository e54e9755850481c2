using Postoffice.Topics;

namespace Postoffice.Storage.InMemory;

/// <summary>Topics, in memory.</summary>
internal sealed class InMemoryTopicStore(InMemoryDatabase database) : ITopicStore
{
    public Task<Topic?> TryAddAsync(NewTopic topic, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindTopic(topic.Name) is not null)
            {
                return Task.FromResult<Topic?>(null);
            }

            var added = new Topic(database.NextId(), topic.Name, topic.OriginHost, topic.RecoveryEnabled, database.Now());
            database.Topics.Add(added.Id, new TopicRow(added));
            return Task.FromResult<Topic?>(added);
        }
    }

    public Task<Topic?> FindAsync(string name, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.FindTopic(name)?.Topic);
        }
    }

    public Task<Topic?> FindAsync(long id, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult(database.Topics.GetValueOrDefault(id)?.Topic);
        }
    }

    public Task<IReadOnlyList<Topic>> ListAsync(long afterId, int limit, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            return Task.FromResult<IReadOnlyList<Topic>>(
                [.. database.Topics.Values.Select(row => row.Topic).Where(topic => topic.Id > afterId).Take(limit)]);
        }
    }

    public Task<DeleteTopicStatus> TryDeleteAsync(string name, CancellationToken cancellationToken)
    {
        lock (database.Gate)
        {
            if (database.FindTopic(name) is not { } row)
            {
                return Task.FromResult(DeleteTopicStatus.NotFound);
            }

            var id = row.Topic.Id;
            var inUse = row.Head > 0
                || database.Staged.Values.Any(staged => staged.TopicId == id)
                || database.Publishers.Values.Any(publisher => publisher.Publisher.TopicId == id && !publisher.IsDeleted);
            if (inUse)
            {
                return Task.FromResult(DeleteTopicStatus.InUse);
            }

            database.Topics.Remove(id);
            return Task.FromResult(DeleteTopicStatus.Deleted);
        }
    }
}
