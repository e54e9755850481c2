using Npgsql;

namespace Postoffice.Storage.Postgres;

/// <summary>Short words for reading rows.</summary>
internal static class PostgresReaderExtensions
{
    public static async Task<IReadOnlyList<T>> ReadListAsync<T>(this NpgsqlDataReader reader, Func<NpgsqlDataReader, T> readRow, CancellationToken deadline)
    {
        List<T> rows = [];
        while (await reader.ReadAsync(deadline).ConfigureAwait(false))
        {
            rows.Add(readRow(reader));
        }

        return rows;
    }

    public static Task<IReadOnlyDictionary<long, TValue>> ReadDictionaryAsync<TValue>(this NpgsqlDataReader reader, CancellationToken deadline) =>
        reader.ReadDictionaryAsync(row => row.GetFieldValue<TValue>(1), deadline);

    /// <summary>The first column is the key.</summary>
    public static async Task<IReadOnlyDictionary<long, TValue>> ReadDictionaryAsync<TValue>(
        this NpgsqlDataReader reader, Func<NpgsqlDataReader, TValue> readValue, CancellationToken deadline)
    {
        Dictionary<long, TValue> rows = [];
        while (await reader.ReadAsync(deadline).ConfigureAwait(false))
        {
            rows.Add(reader.GetInt64(0), readValue(reader));
        }

        return rows;
    }

    public static string? GetNullableString(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static int? GetNullableInt32(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);

    public static DateTimeOffset? GetNullableTime(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
