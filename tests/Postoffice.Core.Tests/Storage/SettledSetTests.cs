using CsCheck;
using Postoffice.Storage;

namespace Postoffice.Core.Tests.Storage;

public sealed class SettledSetTests
{
    [Fact]
    public void A_new_set_has_nothing_beyond_its_cursor()
    {
        var set = new SettledSet(cursor: 7, capacity: 10);

        set.Cursor.Should().Be(7);
        set.Highest.Should().Be(7);
        set.Contains(7).Should().BeTrue();
        set.Contains(8).Should().BeFalse();
        set.Advance().Should().Be(7);
        set.ToArray().Should().BeEmpty();
    }

    [Fact]
    public void The_cursor_moves_over_what_is_settled_without_a_gap()
    {
        var set = Set(cursor: 0, 1, 2, 4);

        set.Advance().Should().Be(2);
        set.Add(3);
        set.Advance().Should().Be(4);
        set.ToArray().Should().BeEmpty();
    }

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(1_000)]
    public void A_run_across_words_is_moved_over_in_one_go(int length)
    {
        for (var cursor = 0; cursor < 130; cursor++)
        {
            var set = Set(cursor, [.. Enumerable.Range(cursor + 1, length).Select(position => (long)position)]);

            set.Advance().Should().Be(cursor + length);
        }
    }

    [Fact]
    public void Moving_the_cursor_makes_room_and_leaves_nothing_behind()
    {
        var set = new SettledSet(cursor: 0, capacity: 64);
        for (var position = 1L; position <= 10_000; position++)
        {
            set.Contains(position).Should().BeFalse();
            set.Add(position);
            set.Advance().Should().Be(position);
        }
    }

    [Fact]
    public void A_position_beyond_the_capacity_is_refused()
    {
        var set = new SettledSet(cursor: 5, capacity: 64);

        set.Add(5 + set.Capacity);
        var beyond = () => set.Add(6 + set.Capacity);

        set.Capacity.Should().BeGreaterThanOrEqualTo(64);
        beyond.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_position_at_or_before_the_cursor_is_settled_already()
    {
        var set = Set(cursor: 5, 3, 5);

        set.Highest.Should().Be(5);
        set.ToArray().Should().BeEmpty();
    }

    [Fact]
    public void A_capacity_of_nothing_is_refused()
    {
        var create = () => new SettledSet(cursor: 0, capacity: 0);

        create.Should().Throw<ArgumentOutOfRangeException>();
    }

    // The format that stores keep: bit i stands for position cursor + 1 + i, least significant first, no trailing zero bytes.
    [Theory]
    [InlineData(0, new long[] { 1 }, new byte[] { 0b1 })]
    [InlineData(0, new long[] { 2, 3 }, new byte[] { 0b110 })]
    [InlineData(0, new long[] { 8 }, new byte[] { 0b1000_0000 })]
    [InlineData(0, new long[] { 9 }, new byte[] { 0, 0b1 })]
    [InlineData(100, new long[] { 102, 110 }, new byte[] { 0b10, 0b10 })]
    public void The_bitmap_is_as_stores_keep_it(long cursor, long[] positions, byte[] bitmap)
    {
        Set(cursor, positions).ToArray().Should().Equal(bitmap);
        SettledSet.Restore(cursor, bitmap, 64).ToArray().Should().Equal(bitmap);
    }

    [Fact]
    public void A_bitmap_longer_than_the_capacity_is_restored_whole()
    {
        var set = SettledSet.Restore(cursor: 10, Set(cursor: 10, 500).ToArray(), capacity: 1);

        set.Contains(500).Should().BeTrue();
        set.Highest.Should().Be(500);
    }

    [Fact]
    public void A_position_far_beyond_the_bitmap_is_not_in_it() =>
        SettledSet.Contains(cursor: 0, [0xFF], position: 1L << 40).Should().BeFalse();

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(0, 2, 1)]
    [InlineData(0, 3, 1)]
    [InlineData(0, 5, 2)]
    [InlineData(0, 9, 6)]
    [InlineData(0, 10, 6)]
    [InlineData(0, 1_000, 996)]
    [InlineData(100, 101, 0)]
    [InlineData(100, 104, 2)]
    [InlineData(100, 100, 0)]
    [InlineData(100, 1, 0)]
    public void What_is_open_before_a_position_is_counted_from_the_cursor_on(long cursor, long position, long open) =>
        SettledSet.CountOpenBefore(cursor, Set(cursor, cursor + 2, cursor + 4, cursor + 9).ToArray(), position).Should().Be(open);

    [Fact]
    public void Without_a_bitmap_all_beyond_the_cursor_is_open()
    {
        SettledSet.CountOpenBefore(cursor: 5, [], position: 6).Should().Be(0);
        SettledSet.CountOpenBefore(cursor: 5, [], position: 106).Should().Be(100);
        SettledSet.CountOpenBefore(cursor: 5, [0xFF], position: 1L << 40).Should().Be((1L << 40) - 6 - 8);
    }

    [Fact]
    public void What_is_open_before_a_position_is_what_a_plain_loop_counts() =>
        Gen.Select(Gen.Long[0, 1_000], Gen.Byte.Array[0, 40], Gen.Int[-20, 400]).Sample((cursor, bitmap, offset) =>
        {
            var position = cursor + offset;
            var open = 0L;
            for (var before = cursor + 1; before < position; before++)
            {
                open += SettledSet.Contains(cursor, bitmap, before) ? 0 : 1;
            }

            SettledSet.CountOpenBefore(cursor, bitmap, position).Should().Be(open);
        });

    [Fact]
    public void It_does_what_a_plain_set_does() =>
        Gen.Select(Gen.Long[0, 1_000], Gen.Int[1, 300], Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1_000]).Array[0, 400]).Sample((start, capacity, steps) =>
        {
            var set = new SettledSet(start, capacity);
            var model = new HashSet<long>();
            var cursor = start;
            foreach (var (kind, number) in steps)
            {
                switch (kind)
                {
                    case 0:
                        while (model.Contains(cursor + 1))
                        {
                            cursor++;
                        }

                        set.Advance().Should().Be(cursor);
                        break;
                    case 1:
                        set = SettledSet.Restore(cursor, set.ToArray(), capacity);
                        break;
                    case < 6:
                        // The first gap, so that the cursor gets somewhere.
                        Add(Enumerable.Range(1, set.Capacity).Select(offset => cursor + offset).FirstOrDefault(position => !model.Contains(position), cursor));
                        break;
                    default:
                        Add(cursor + 1 + (number % set.Capacity));
                        break;
                }

                ShouldBeTheSame(set, model, cursor);
            }

            void Add(long position)
            {
                set.Add(position);
                model.Add(position);
            }
        });

    private static void ShouldBeTheSame(SettledSet set, HashSet<long> model, long cursor)
    {
        var bitmap = set.ToArray();
        (bitmap.Length == 0 || bitmap[^1] != 0).Should().BeTrue("a bitmap has no trailing zero bytes");
        set.Cursor.Should().Be(cursor);
        set.Highest.Should().Be(model.Where(position => position > cursor).Append(cursor).Max());
        for (var position = Math.Max(0, cursor - 70); position <= cursor + set.Capacity + 70; position++)
        {
            var expected = position <= cursor || model.Contains(position);
            if (set.Contains(position) != expected || SettledSet.Contains(cursor, bitmap, position) != expected)
            {
                Assert.Fail($"Position {position} with cursor {cursor}: {(expected ? "missing" : "too many")}.");
            }
        }
    }

    private static SettledSet Set(long cursor, params long[] positions)
    {
        var set = new SettledSet(cursor, capacity: 1_000);
        foreach (var position in positions)
        {
            set.Add(position);
        }

        return set;
    }
}
