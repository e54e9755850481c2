using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Postoffice.Deliveries;
using Postoffice.Messages;

namespace Postoffice.Storage.Sqlite.Tests;

/// <summary>
/// The statements that must cost what they return, not what the tables hold: through an index and without a sort. The planner decides from the schema alone
/// (nothing is ever analyzed), so an empty database tells.
/// </summary>
public sealed partial class QueryPlanTests : SqliteTests
{
    [Fact]
    public async Task The_line_of_a_key_is_one_walk_over_its_index()
    {
        var plan = await ExplainAsync(SqliteOrderingKeyStore.ReadLineSql);

        plan.Should().Contain("SEARCH d USING INDEX parked_deliveries_key (publisher_id=? AND ordering_key=?)");
        Walks(plan);
    }

    [Fact]
    public async Task What_is_parked_of_a_key_is_counted_by_index_alone()
    {
        var plan = await ExplainAsync(SqliteOrderingKeyStore.ListSql);

        plan.Should().Contain("SEARCH parked_deliveries USING COVERING INDEX parked_deliveries_key (publisher_id=? AND ordering_key>?)");
        plan.Where(step => step.Contains(" d USING ", StringComparison.Ordinal)).Should()
            .Contain("SEARCH d USING COVERING INDEX parked_deliveries_key (publisher_id=? AND ordering_key=?)");
        plan.Should().Contain(step => step.Contains("dead_letters_blocking", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_due_is_found_without_a_look_at_what_waits_behind_a_key()
    {
        foreach (var sql in (string[])[SqliteDeliveryStore.ReadDueSql, SqliteDeliveryStore.NextDueSql])
        {
            (await ExplainAsync(sql)).Should().Contain(
                step => step.StartsWith("SEARCH d USING", StringComparison.Ordinal)
                    && step.EndsWith("parked_deliveries_due (publisher_id=? AND due_at<?)", StringComparison.Ordinal));
        }

        (await ExplainAsync(SqliteDeliveryStore.MakeUnavailableDueSql)).Should().Contain(
            step => step.Contains("parked_deliveries USING INDEX parked_deliveries_due (publisher_id=? AND due_at<?)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wave_of_deliveries_that_are_due_at_the_same_moment_is_not_sorted_for_each_read() =>
        Walks(await ExplainAsync(SqliteDeliveryStore.ReadDueSql));

    [Fact]
    public async Task The_dead_letters_of_a_publisher_come_in_their_order_from_its_index()
    {
        var plan = await ExplainAsync(DeadLetterQuery.For(new DeadLetterFilter { PublisherId = 1 }).ListSql);

        plan.Should().Contain(step => step.StartsWith("SEARCH x USING INDEX dead_letters_publisher (publisher_id=? AND ", StringComparison.Ordinal));
        Walks(plan);
    }

    [Fact]
    public async Task The_dead_letters_of_all_come_in_their_order_from_the_index_by_time()
    {
        var query = DeadLetterQuery.For(new DeadLetterFilter());
        foreach (var sql in (string[])[query.ListSql, query.OldestSql])
        {
            var plan = await ExplainAsync(sql);

            plan.Should().Contain(step => step.StartsWith("SEARCH x USING INDEX dead_letters_died (", StringComparison.Ordinal));
            Walks(plan);
        }
    }

    [Fact]
    public async Task A_replay_reads_its_stretch_by_position()
    {
        Walks(await ExplainAsync(SqliteReplayStore.ReadSql));
        Walks(await ExplainAsync(SqliteReplayStore.ReadDeadSql));
        Walks(await ExplainAsync(SqlitePositionByTime.NextMessageSql));
    }

    [Fact]
    public async Task No_search_scans_a_table_that_grows()
    {
        foreach (var query in
            from topic in new long?[] { null, 1 }
            from state in new DeliveryStatus?[]
            {
                null, DeliveryStatus.Waiting, DeliveryStatus.Parked, DeliveryStatus.DeadLettered, DeliveryStatus.Delivered, DeliveryStatus.Skipped,
                DeliveryStatus.Discarded,
            }
            from attributes in new[] { MessageAttributes.Empty, MessageAttributes.Create([new("kind", "order")]) }
            from text in new[] { (ReadOnlyMemory<byte>?)null, "needle"u8.ToArray() }
            select new MessageQuery { TopicId = topic, State = state, Attributes = attributes, Text = text })
        {
            var plan = await ExplainAsync(MessageSearchQuery.Sql(query));

            plan.Should().NotContain(step => GrowingTableScan().IsMatch(step), "of {0}", query);
            var start = query is { TopicId: null, Text: null } ? "SEARCH m USING COVERING INDEX messages_received (received_at>? AND received_at<?"
                : query.TopicId is null ? "SEARCH m USING INDEX messages_received (received_at>? AND received_at<?"
                : query.IsOfFailures ? "SEARCH f USING PRIMARY KEY (topic_id=? AND publisher_id=? AND position>? AND position<?"
                : "SEARCH m USING INDEX sqlite_autoindex_messages_1 (topic_id=? AND position>? AND position<?";
            plan.Should().Contain(step => step.StartsWith(start, StringComparison.Ordinal), "of {0}", query);
        }
    }

    [Fact]
    public async Task Activity_is_read_by_its_minutes()
    {
        foreach (var sql in (string[])
            [
                SqliteActivityStore.MinutesSql, SqliteActivityStore.LatenciesSql, SqliteActivityStore.AttemptsSql, SqliteActivityStore.PruneSql,
                SqliteOverviewStore.RecentSql, SqliteOverviewStore.PulseSql,
            ])
        {
            (await ExplainAsync(sql)).Should().Contain(step => step.StartsWith("SEARCH activity USING PRIMARY KEY (minute", StringComparison.Ordinal))
                .And.NotContain(step => step.StartsWith("SCAN activity", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_people_look_at_costs_what_it_shows()
    {
        var publishers = await ExplainAsync(SqliteOverviewStore.PublishersSql);
        publishers.Should().Contain(step => step.Contains("dead_letters_blocking", StringComparison.Ordinal))
            .And.NotContain(step => step.StartsWith("SCAN d", StringComparison.Ordinal) || step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        Walks(await ExplainAsync(SqliteOverviewStore.TopicsSql));
    }

    private static void Walks(IReadOnlyList<string> plan) => plan.Should().NotBeEmpty().And.NotContain(
        step => step.StartsWith("SCAN x", StringComparison.Ordinal) || step.StartsWith("SCAN d", StringComparison.Ordinal)
            || step.StartsWith("SCAN m", StringComparison.Ordinal) || step.Contains("TEMP B-TREE", StringComparison.Ordinal));

    private async Task<IReadOnlyList<string>> ExplainAsync(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Store.Path};Pooling=false");
        await connection.OpenAsync(Cancel);
        connection.CreateFunction("postoffice_now", () => 0L);
        connection.CreateFunction("postoffice_is_settled", (long _, byte[] _, long _) => true);
        using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
        foreach (var name in ParameterName().Matches(sql).Select(match => match.Value).Distinct())
        {
            command.Parameters.AddWithValue(name, 1);
        }

        using var reader = await command.ExecuteReaderAsync(Cancel);
        var plan = new List<string>();
        while (await reader.ReadAsync(Cancel))
        {
            plan.Add(reader.GetString(3));
        }

        return plan;
    }

    [GeneratedRegex("^SCAN (m|x|d|f|o|g|p|messages|parked_deliveries|dead_letters|delivery_log)\\b")]
    private static partial Regex GrowingTableScan();

    [GeneratedRegex("@[a-z_]+")]
    private static partial Regex ParameterName();
}
