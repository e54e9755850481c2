using Npgsql;
using static Postoffice.Storage.Postgres.PostgresParameters;

namespace Postoffice.Storage.Postgres;

/// <summary>A settle batch, column by column: an array each, as <c>unnest</c> takes them.</summary>
internal static class SettleParameters
{
    public static NpgsqlParameter[] OfDelivered(SettleBatch batch) =>
    [
        Of("topic_id", batch.TopicId), Of("publisher_id", batch.PublisherId), Of("epoch", batch.Epoch), Of("sequence", batch.Sequence),
        Of("cursor", batch.Cursor), Of("settled_above", batch.SettledAbove.AsMemory()),
        Of("delivered_positions", Map(batch.Delivered, entry => entry.Position)),
        Of("delivered_attempts", Map(batch.Delivered, entry => entry.Attempts)),
        Of("delivered_status_codes", Map(batch.Delivered, entry => entry.StatusCode)),
        Of("delivered_durations", Map(batch.Delivered, entry => Milliseconds(entry.Duration))),
    ];

    public static NpgsqlParameter[] OfAll(SettleBatch batch) =>
    [
        .. OfDelivered(batch),
        Of("failed_positions", Map(batch.Failed, entry => entry.Position)),
        Of("failed_attempts", Map(batch.Failed, entry => entry.Attempt)),
        Of("failed_status_codes", Map(batch.Failed, entry => entry.StatusCode)),
        Of("failed_durations", Map(batch.Failed, entry => Milliseconds(entry.Duration))),
        Of("failed_errors", Map(batch.Failed, entry => Text(entry.Error))),
        Of("parked_positions", Map(batch.Parked, entry => entry.Position)),
        Of("parked_attempts", Map(batch.Parked, entry => entry.Attempts)),
        Of("parked_delays", Map(batch.Parked, entry => entry.Delay)),
        Of("parked_reasons", Map(batch.Parked, entry => Text(entry.Reason))),
        Of("parked_keys", Map(batch.Parked, entry => entry.OrderingKey)),
        Of("unparked", batch.Unparked.ToArray()),
        Of("dead_positions", Map(batch.Dead, entry => entry.Position)),
        Of("dead_attempts", Map(batch.Dead, entry => entry.Attempts)),
        Of("dead_status_codes", Map(batch.Dead, entry => entry.StatusCode)),
        Of("dead_reasons", Map(batch.Dead, entry => Text(entry.Reason))),
        Of("dead_errors", Map(batch.Dead, entry => Text(entry.Error))),
        Of("dead_groups", Map(batch.Dead, entry => Text(entry.Group))),
        Of("dead_keys", Map(batch.Dead, entry => entry.OrderingKey)),
        Of("dead_blocks", Map(batch.Dead, entry => entry.BlocksKey)),
        Of("skipped", batch.Skipped.ToArray()),
        Of("revived", batch.Revived.ToArray()),
        Of("replay_id", batch.Replay?.Id),
        Of("replay_position", batch.Replay?.Position),
    ];

    private static int Milliseconds(TimeSpan duration) => (int)Math.Min(int.MaxValue, duration.TotalMilliseconds);

    // An error holds an excerpt of a receiver's answer, so anything: PostgreSQL's text has no NUL, and half a surrogate pair is no UTF-8.
    // A settle must not fail for ever because of it.
    private static string Text(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }

        return string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
    }

    private static TResult[] Map<T, TResult>(IReadOnlyList<T> entries, Func<T, TResult> select)
    {
        var column = new TResult[entries.Count];
        for (var row = 0; row < column.Length; row++)
        {
            column[row] = select(entries[row]);
        }

        return column;
    }
}
