using Npgsql;
using NpgsqlTypes;

namespace Postoffice.Storage.Postgres;

/// <summary>Parameters with their types said, so that null and an empty array are no riddle to the server.</summary>
internal static class PostgresParameters
{
    public static NpgsqlParameter Of(string name, long value) => new NpgsqlParameter<long>(name, NpgsqlDbType.Bigint) { TypedValue = value };

    public static NpgsqlParameter Of(string name, long? value) => new(name, NpgsqlDbType.Bigint) { Value = value ?? (object)DBNull.Value };

    public static NpgsqlParameter Of(string name, int value) => new NpgsqlParameter<int>(name, NpgsqlDbType.Integer) { TypedValue = value };

    public static NpgsqlParameter Of(string name, int? value) => new(name, NpgsqlDbType.Integer) { Value = value ?? (object)DBNull.Value };

    public static NpgsqlParameter Of(string name, bool value) => new NpgsqlParameter<bool>(name, NpgsqlDbType.Boolean) { TypedValue = value };

    public static NpgsqlParameter Of(string name, bool? value) => new(name, NpgsqlDbType.Boolean) { Value = value ?? (object)DBNull.Value };

    public static NpgsqlParameter Of(string name, Guid value) => new NpgsqlParameter<Guid>(name, NpgsqlDbType.Uuid) { TypedValue = value };

    public static NpgsqlParameter Of(string name, Guid? value) => new(name, NpgsqlDbType.Uuid) { Value = value ?? (object)DBNull.Value };

    public static NpgsqlParameter Of(string name, string? value) => new(name, NpgsqlDbType.Text) { Value = value ?? (object)DBNull.Value };

    public static NpgsqlParameter Of(string name, TimeSpan value) => new NpgsqlParameter<TimeSpan>(name, NpgsqlDbType.Interval) { TypedValue = value };

    // timestamptz takes UTC only: any other offset is refused by Npgsql.
    public static NpgsqlParameter Of(string name, DateTimeOffset value) =>
        new NpgsqlParameter<DateTimeOffset>(name, NpgsqlDbType.TimestampTz) { TypedValue = value.ToUniversalTime() };

    public static NpgsqlParameter Of(string name, DateTimeOffset? value) =>
        value is { } given ? Of(name, given) : new(name, NpgsqlDbType.TimestampTz) { Value = DBNull.Value };

    public static NpgsqlParameter Of(string name, ReadOnlyMemory<byte> value) =>
        new NpgsqlParameter<ReadOnlyMemory<byte>>(name, NpgsqlDbType.Bytea) { TypedValue = value };

    public static NpgsqlParameter Of(string name, long[] values) => OfArray(name, values, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Of(string name, int[] values) => OfArray(name, values, NpgsqlDbType.Integer);

    public static NpgsqlParameter Of(string name, int?[] values) => OfArray(name, values, NpgsqlDbType.Integer);

    public static NpgsqlParameter Of(string name, Guid[] values) => OfArray(name, values, NpgsqlDbType.Uuid);

    public static NpgsqlParameter Of(string name, string?[] values) => OfArray(name, values, NpgsqlDbType.Text);

    // All in UTC, which timestamptz insists on.
    public static NpgsqlParameter Of(string name, DateTimeOffset[] values) => OfArray(name, values, NpgsqlDbType.TimestampTz);

    public static NpgsqlParameter Of(string name, bool[] values) => OfArray(name, values, NpgsqlDbType.Boolean);

    public static NpgsqlParameter Of(string name, TimeSpan?[] values) => OfArray(name, values, NpgsqlDbType.Interval);

    public static NpgsqlParameter Of(string name, ReadOnlyMemory<byte>[] values) => OfArray(name, values, NpgsqlDbType.Bytea);

    private static NpgsqlParameter<T[]> OfArray<T>(string name, T[] values, NpgsqlDbType elementType) =>
        new(name, NpgsqlDbType.Array | elementType) { TypedValue = values };
}
