using Npgsql;

namespace Postoffice.Load.Pages;

/// <summary>
/// A database as a busy one is: half of the messages in one topic, the rest in nineteen; half of the publishers on the busy topic. Most are done; of ten each
/// some deliveries are parked or dead, five stand far behind a receiver that is down.
/// </summary>
internal static class PageWorld
{
    // The host has made the schema. @down is where nobody listens, @receiver where somebody does.
    private const string FillSql = """
        INSERT INTO postoffice.topics (name, origin_host, recovery_enabled, created_at)
        SELECT CASE n WHEN 1 THEN 'orders' ELSE 'topic-' || n END, 'origin.example', false, now() FROM generate_series(1, 20) AS n;

        INSERT INTO postoffice.topic_heads SELECT id, CASE WHEN name = 'orders' THEN @messages / 2 ELSE @messages / 2 / 19 END FROM postoffice.topics;

        INSERT INTO postoffice.messages (topic_id, position, id, received_at, payload, attributes, ordering_key, content_type)
        SELECT heads.topic_id, n, gen_random_uuid(), now() - (heads.last_position - n) * interval '10 milliseconds',
            convert_to('{"order":' || n || ',"text":"' || repeat(md5(n::text), 30) || '"}', 'UTF8'), ('{"kind":"order","customer":"' || n % 5000 || '"}')::jsonb,
            CASE WHEN n % 3 = 0 THEN 'customer-' || n % 5000 END, 'application/json'
        FROM postoffice.topic_heads AS heads, generate_series(1, heads.last_position) AS n;

        INSERT INTO postoffice.publishers (topic_id, type, target, active, settings, start_position, created_at, updated_at)
        SELECT CASE WHEN n <= @publishers / 2 THEN 1 ELSE 2 + n % 19 END, 'http', CASE WHEN n <= 5 THEN @down ELSE @receiver END || n, true, '{}', 0, now(), now()
        FROM generate_series(1, @publishers) AS n;

        INSERT INTO postoffice.publisher_cursors (publisher_id, topic_id, cursor, delivered)
        SELECT publishers.id, publishers.topic_id, stand.cursor, stand.cursor
        FROM postoffice.publishers JOIN postoffice.topic_heads AS heads ON heads.topic_id = publishers.topic_id,
            LATERAL (SELECT CASE WHEN publishers.id <= 5 THEN heads.last_position / 2 ELSE heads.last_position END AS cursor) AS stand;

        INSERT INTO postoffice.parked_deliveries (topic_id, publisher_id, position, attempts, due_at, reason)
        SELECT topic_id, publisher_id, n * 17, 3, now() + interval '1 hour', 'unavailable (503)'
        FROM postoffice.publisher_cursors AS cursors, generate_series(1, least(2000, cursor / 20)) AS n WHERE publisher_id BETWEEN 6 AND 15;

        INSERT INTO postoffice.dead_letters (topic_id, publisher_id, position, attempts, status_code, reason, error, error_group, died_at)
        SELECT topic_id, publisher_id, n * 13, 100, 500, 'max-attempts', 'Status 500: order ' || n || ' is not known', '5xx order # is not known (' || n % 4 || ')',
            now() - n * interval '1 second'
        FROM postoffice.publisher_cursors AS cursors, generate_series(1, least(5000, cursor / 20)) AS n WHERE publisher_id BETWEEN 11 AND 20;

        INSERT INTO postoffice.failed_attempts (topic_id, publisher_id, position, attempt, failed_at, status_code, duration_ms, error)
        SELECT topic_id, publisher_id, position, attempt, now(), 500, 12, 'Status 500: not known' FROM postoffice.dead_letters, generate_series(1, 3) AS attempt;

        INSERT INTO postoffice.delivery_log (topic_id, publisher_id, block, outcome, settled_at, positions, attempts, status_codes, durations_ms)
        SELECT cursors.topic_id, cursors.publisher_id, n / 1024, 1, now(), array_agg(n), array_agg(1), array_agg(200), array_agg(3)
        FROM postoffice.publisher_cursors AS cursors, generate_series(greatest(1, cursor - 100000), cursor) AS n
        WHERE publisher_id % 4 = 0 GROUP BY cursors.topic_id, cursors.publisher_id, n / 1024, n / 100;

        INSERT INTO postoffice.activity
        SELECT date_trunc('minute', now()) - n * interval '1 minute', topic_id, publisher_id, '00000000-0000-4000-8000-000000000001', 0, 100, 100, 1, 0, 0, array_fill(1, ARRAY[32])
        FROM postoffice.publisher_cursors, generate_series(0, 59) AS n
        UNION ALL
        SELECT date_trunc('minute', now()) - n * interval '1 minute', topic_id, 0, '00000000-0000-4000-8000-000000000001', 6000, 0, 0, 0, 0, 0, '{}'
        FROM postoffice.topic_heads, generate_series(0, 59) AS n;

        ANALYZE
        """;

    // What a page reads must be found by an index: these are the tables that grow.
    private const string ScansSql = """
        SELECT relname, seq_scan FROM pg_stat_user_tables
        WHERE relname IN ('messages', 'parked_deliveries', 'dead_letters', 'delivery_log', 'failed_attempts', 'activity')
        """;

    public static async Task FillAsync(string connectionString, int messages, int publishers, Uri receiver, Uri down)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        foreach (var sql in FillSql.Split(";\n\n"))
        {
            await using var command = dataSource.CreateCommand(sql);
            command.CommandTimeout = 600;
            command.Parameters.AddWithValue("messages", (long)messages);
            command.Parameters.AddWithValue("publishers", (long)publishers);
            command.Parameters.AddWithValue("receiver", receiver.ToString());
            command.Parameters.AddWithValue("down", down.ToString());
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <returns>How often each growing table was read from end to end since the database was made.</returns>
    public static async Task<Dictionary<string, long>> ScansAsync(string connectionString)
    {
        // A session tells the statistics what it did when it is idle for a second; that of the host is.
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(ScansSql);
        await using var rows = await command.ExecuteReaderAsync();
        var scans = new Dictionary<string, long>();
        while (await rows.ReadAsync())
        {
            scans[rows.GetString(0)] = rows.GetInt64(1);
        }

        return scans;
    }
}
