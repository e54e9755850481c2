using Postoffice.Storage;

namespace Postoffice.Pipeline;

/// <summary>Parked deliveries whose row in the store is out of date, and must not be read again, until the batch that renews it, or takes it away, is written.</summary>
internal sealed class OutdatedRows
{
    private readonly Dictionary<long, long> _until = [];

    public int Count => _until.Count;

    public IReadOnlyCollection<long> Positions => _until.Keys;

    /// <summary>The row of a position is put right by the batch of this number.</summary>
    public void Add(long position, long sequence) => _until[position] = sequence;

    public void Written(SettleBatch batch)
    {
        foreach (var position in batch.Parked.Select(parked => parked.Position).Concat(batch.Unparked))
        {
            if (_until.TryGetValue(position, out var sequence) && sequence <= batch.Sequence)
            {
                _until.Remove(position);
            }
        }
    }
}
