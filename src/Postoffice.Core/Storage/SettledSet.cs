using System.Numerics;

namespace Postoffice.Storage;

/// <summary>
/// The positions beyond a cursor that are settled or parked. In a store it is a bitmap whose bit i stands for position cursor + 1 + i, least
/// significant bit first, without trailing zero bytes; in memory a ring of words by absolute position, so that moving the cursor moves no bits.
/// </summary>
internal sealed class SettledSet
{
    private readonly ulong[] _words;
    private long _highest;

    /// <param name="cursor">The position up to which all is settled.</param>
    /// <param name="capacity">How far beyond the cursor a position may lie, at least.</param>
    public SettledSet(long cursor, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Cursor = _highest = cursor;
        _words = new ulong[((capacity + 63) / 64) + 1];
    }

    /// <summary>The position up to which all is settled.</summary>
    public long Cursor { get; private set; }

    /// <summary>How far beyond the cursor a position may lie.</summary>
    public int Capacity => (_words.Length - 1) * 64;

    /// <summary>The highest position in the set, or the cursor.</summary>
    public long Highest => Math.Max(_highest, Cursor);

    /// <summary>Reads back what <see cref="ToArray"/> wrote; the set grows to hold it.</summary>
    public static SettledSet Restore(long cursor, ReadOnlySpan<byte> settledAbove, int capacity)
    {
        var set = new SettledSet(cursor, Math.Max(capacity, settledAbove.Length * 8));
        for (var position = cursor + 1; position <= cursor + (settledAbove.Length * 8); position++)
        {
            if (Contains(cursor, settledAbove, position))
            {
                set.Add(position);
            }
        }

        return set;
    }

    /// <summary>Whether a store's columns say that <paramref name="position"/> is settled or parked.</summary>
    public static bool Contains(long cursor, ReadOnlySpan<byte> settledAbove, long position)
    {
        var index = position - cursor - 1;
        return index < 0 || (index / 8 < settledAbove.Length && ((settledAbove[(int)(index / 8)] >> (int)(index % 8)) & 1) != 0);
    }

    /// <returns>How many positions between the cursor and <paramref name="position"/>, both left out, a store's columns say are neither settled nor parked.</returns>
    public static long CountOpenBefore(long cursor, ReadOnlySpan<byte> settledAbove, long position)
    {
        var open = Math.Max(0, position - cursor - 1);
        var whole = (int)Math.Min(open / 8, settledAbove.Length);
        var settled = 0L;
        foreach (var bits in settledAbove[..whole])
        {
            settled += BitOperations.PopCount(bits);
        }

        if (whole < settledAbove.Length)
        {
            settled += BitOperations.PopCount(settledAbove[whole] & ((1u << (int)(open % 8)) - 1));
        }

        return open - settled;
    }

    public bool Contains(long position) => position <= Cursor || (position <= _highest && (Word(position) & Bit(position)) != 0);

    /// <exception cref="ArgumentOutOfRangeException">The position lies beyond the capacity.</exception>
    public void Add(long position)
    {
        if (position <= Cursor)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, Cursor + Capacity);
        Word(position) |= Bit(position);
        _highest = Math.Max(_highest, position);
    }

    /// <summary>Moves the cursor over all that is settled without a gap.</summary>
    /// <returns>The cursor.</returns>
    public long Advance()
    {
        while (Cursor < _highest)
        {
            // The run of ones from the next position to the end of its word, in one step.
            var next = Cursor + 1;
            var offset = (int)(next % 64);
            var run = BitOperations.TrailingZeroCount(~(Word(next) >> offset));
            if (run == 0)
            {
                break;
            }

            run = Math.Min(run, 64 - offset);
            Word(next) &= ~((run == 64 ? ulong.MaxValue : (1UL << run) - 1) << offset);
            Cursor += run;
        }

        return Cursor;
    }

    /// <returns>The bitmap for a store; empty when nothing beyond the cursor is settled.</returns>
    public byte[] ToArray()
    {
        if (_highest <= Cursor)
        {
            return [];
        }

        var bytes = new byte[(int)((_highest - Cursor + 7) / 8)];
        for (var position = Cursor + 1; position <= _highest; position++)
        {
            if (Contains(position))
            {
                var index = (int)(position - Cursor - 1);
                bytes[index / 8] |= (byte)(1 << (index % 8));
            }
        }

        return bytes;
    }

    private static ulong Bit(long position) => 1UL << (int)(position % 64);

    private ref ulong Word(long position) => ref _words[(position / 64) % _words.Length];
}
