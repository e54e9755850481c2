using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Testing.Hosting;

namespace Postoffice.Dashboard.Tests.Hostility;

/// <summary>Writes into the database of a stopped host what its API would refuse: rows that are older than a rule, or that came another way.</summary>
internal sealed class OldRows : IAsyncDisposable
{
    private readonly DbConnection _connection;
    private readonly string _schema;

    private OldRows(DbConnection connection, string schema)
    {
        _connection = connection;
        _schema = schema;
    }

    public static async Task<OldRows> OpenAsync(HostProcess host, TestDatabase database, CancellationToken cancellationToken)
    {
        DbConnection connection = database.ConnectionString is { } postgres
            ? new NpgsqlConnection(postgres)
            : new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(host.Directory, "data", "postoffice.db"), Pooling = false }.ToString());
        await connection.OpenAsync(cancellationToken);
        return new OldRows(connection, database.ConnectionString is null ? "" : "postoffice.");
    }

    public Task RenameTopicAsync(string name, string hostile, CancellationToken cancellationToken) =>
        WriteAsync($"UPDATE {_schema}topics SET name = @hostile, origin_host = @hostile WHERE name = @key", hostile, name, cancellationToken);

    public Task RedirectAsync(long publisher, string hostile, CancellationToken cancellationToken) =>
        WriteAsync($"UPDATE {_schema}publishers SET target = @hostile WHERE id = @key", hostile, publisher, cancellationToken);

    public Task BlameAsync(long publisher, string hostile, CancellationToken cancellationToken) =>
        WriteAsync($"UPDATE {_schema}dead_letters SET error = @hostile, error_group = @hostile WHERE publisher_id = @key", hostile, publisher, cancellationToken);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task WriteAsync(string sql, string hostile, object key, CancellationToken cancellationToken)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in ((string, object)[])[("@hostile", hostile), ("@key", key)])
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        (await command.ExecuteNonQueryAsync(cancellationToken)).Should().BePositive(sql);
    }
}
