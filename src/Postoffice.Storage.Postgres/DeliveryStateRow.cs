using Npgsql;
using Postoffice.Deliveries;

namespace Postoffice.Storage.Postgres;

/// <summary>Reads the rows of <see cref="PostgresDeliveryStore.StatesAsync"/>.</summary>
internal static class DeliveryStateRow
{
    private const int Cursor = PublisherRow.Count;
    private const int Dead = Cursor + 2;
    private const int Parked = Dead + 4;
    private const int Logged = Parked + 3;

    public static (long PublisherId, FailedAttempt Attempt) ReadFailed(NpgsqlDataReader row) => (row.GetInt64(0), new FailedAttempt(
        row.GetInt32(1), row.GetFieldValue<DateTimeOffset>(2), row.GetNullableInt32(3), TimeSpan.FromMilliseconds(row.GetInt32(4)), row.GetString(5)));

    public static DeliveryState Read(NpgsqlDataReader row, long position, ILookup<long, FailedAttempt> failedAttempts)
    {
        var publisher = PublisherRow.Read(row);
        FailedAttempt[] failed = [.. failedAttempts[publisher.Id]];
        if (!row.IsDBNull(Dead))
        {
            return new()
            {
                Publisher = publisher,
                Status = DeliveryStatus.DeadLettered,
                Attempts = row.GetInt32(Dead),
                SettledAt = row.GetFieldValue<DateTimeOffset>(Dead + 1),
                StatusCode = row.GetNullableInt32(Dead + 2),
                Reason = row.GetString(Dead + 3),
                FailedAttempts = failed,
            };
        }

        if (!row.IsDBNull(Parked))
        {
            return new()
            {
                Publisher = publisher,
                Status = DeliveryStatus.Parked,
                Attempts = row.GetInt32(Parked),
                DueAt = row.GetNullableTime(Parked + 1),
                Reason = row.GetString(Parked + 2),
                FailedAttempts = failed,
            };
        }

        if (!row.IsDBNull(Logged))
        {
            // What was skipped or discarded was not attempted then: the log's duration stands for nothing.
            var outcome = OutcomeOf(row.GetInt16(Logged));
            return new()
            {
                Publisher = publisher,
                Status = outcome,
                SettledAt = row.GetFieldValue<DateTimeOffset>(Logged + 1),
                Attempts = row.GetInt32(Logged + 2),
                StatusCode = row.GetNullableInt32(Logged + 3),
                Duration = outcome == DeliveryStatus.Delivered ? TimeSpan.FromMilliseconds(row.GetInt32(Logged + 4)) : null,
                FailedAttempts = failed,
            };
        }

        // Nothing is known of it: what a replay has brought from before the publisher's time would have left a trace.
        if (position <= publisher.StartPosition)
        {
            return new() { Publisher = publisher, Status = DeliveryStatus.NotSubscribed, FailedAttempts = failed };
        }

        var (cursor, settledAbove) = (row.GetInt64(Cursor), row.GetFieldValue<byte[]>(Cursor + 1));
        var isSettled = SettledSet.Contains(cursor, settledAbove, position);
        return new()
        {
            Publisher = publisher,
            Status = isSettled ? DeliveryStatus.Settled : DeliveryStatus.Waiting,
            Attempts = failed.Length == 0 ? 0 : failed[^1].Attempt,
            Ahead = isSettled ? 0 : SettledSet.CountOpenBefore(cursor, settledAbove, position),
            FailedAttempts = failed,
        };
    }

    private static DeliveryStatus OutcomeOf(short outcome) => outcome switch
    {
        1 => DeliveryStatus.Delivered,
        2 => DeliveryStatus.Skipped,
        3 => DeliveryStatus.Discarded,
        _ => throw new InvalidOperationException($"The delivery log holds the outcome {outcome}, which this build does not know."),
    };
}
