using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Postoffice.Storage.Sqlite;

/// <summary>One connection and its prepared statements. Used by one thread at a time: the writer's, or that of a read.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    // By reference: the statements are constants, and hashing the whole text would cost more than finding it.
    private readonly Dictionary<string, SqliteCommand> _commands = new(ReferenceEqualityComparer.Instance);

    /// <summary>False as well after an error upon which SQLite has rolled back by itself.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    /// <summary>Runs a statement that changes rows; it stays prepared, so <paramref name="sql"/> must be a constant.</summary>
    /// <returns>How many rows were changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Prepare(sql, parameters).ExecuteNonQuery();

    /// <summary>
    /// Runs a statement that gives rows; it stays prepared, so <paramref name="sql"/> must be a constant. Dispose the reader before using it again.
    /// </summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Prepare(sql, parameters).ExecuteReader();

    /// <returns>The first column of the first row; null when there is no row or the column is null.</returns>
    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Prepare(sql, parameters).ExecuteScalar() is var value and not DBNull ? value : null;

    /// <summary>Runs a script or a pragma once, without keeping it prepared.</summary>
    public object? ExecuteOnce(string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Migrations and pragmas of this package.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    /// <summary>Runs several reads on one state of the database.</summary>
    public T Snapshot<T>(Func<SqliteSession, T> read)
    {
        Execute("BEGIN");
        try
        {
            return read(this);
        }
        finally
        {
            // Nothing was written; an error may have ended the transaction already.
            if (IsInTransaction)
            {
                Execute("ROLLBACK");
            }
        }
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // All statements are constants.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, _) in parameters)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            }

            _commands.Add(sql, command);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }
}
