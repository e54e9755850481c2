using System.Data;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Postoffice.Storage.Postgres;

/// <summary>
/// The one way to the database: each access has one deadline over connecting, waiting and reading, gives its connection back whatever happens,
/// and fails with <see cref="StorageUnavailableException"/> when the database is at fault.
/// </summary>
internal sealed class PostgresDatabase
{
    private const string WrittenSchema = "postoffice.";

    // True: until the end of the transaction, which is that of the batch.
    private const string NoCompilationSql = "SELECT set_config('jit', 'off', true)";

    // How long a statement that is called off may take to say so; after that its connection is closed.
    private const int CancellationMilliseconds = 500;

    // Calling off needs a connection too, which a dead network may hold up: then the access is given up and ends by itself later.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _dataSource;
    private readonly TimeSpan _timeout;
    private readonly string _place;

    public PostgresDatabase(NpgsqlDataSource dataSource, PostgresOptions options)
    {
        _dataSource = dataSource;
        _timeout = options.CommandTimeout;
        Schema = options.Schema;

        var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        _place = $"database {settings.Database ?? settings.Username} at {settings.Host}:{settings.Port}";
    }

    public string Schema { get; }

    /// <summary>Which database it is, without secrets.</summary>
    public string Description => $"PostgreSQL {_place}, schema {Schema}";

    /// <summary>Makes the data source that belongs to the storage alone.</summary>
    public static NpgsqlDataSource CreateDataSource(PostgresOptions options)
    {
        var seconds = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            // An append must be durable when it returns, not when some TransactionScope of the application completes.
            Enlist = false,

            // No access changes the state of its session, so there is nothing to reset.
            NoResetOnClose = true,
            CommandTimeout = seconds,
            CancellationTimeout = CancellationMilliseconds,
        };

        settings.Timeout = settings.Timeout == 0 ? seconds : Math.Min(settings.Timeout, seconds);
        settings.ApplicationName ??= "postoffice";
        return NpgsqlDataSource.Create(settings);
    }

    /// <summary>Puts the configured schema's name into SQL that was written for <c>postoffice</c>. Called once a statement, when its store is made.</summary>
    public string Qualify(string sql) =>
        Schema + "." == WrittenSchema ? sql : sql.Replace(WrittenSchema, $"\"{Schema}\".", StringComparison.Ordinal);

    /// <summary>Runs one command and reads its rows.</summary>
    public Task<TResult> QueryAsync<TResult>(
        string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, CancellationToken, Task<TResult>> read, CancellationToken cancellationToken) =>
        RunAsync(
            async (connection, deadline) =>
            {
                var command = CreateCommand(connection, sql, parameters);
                await using (command.ConfigureAwait(false))
                {
                    var reader = await command.ExecuteReaderAsync(deadline).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        return await read(reader, deadline).ConfigureAwait(false);
                    }
                }
            },
            cancellationToken);

    /// <summary>Runs several commands in one round trip and one transaction; each has a snapshot of its own. The result sets are read in order.</summary>
    public Task<TResult> QueryBatchAsync<TResult>(
        (string Sql, NpgsqlParameter[] Parameters)[] commands,
        Func<NpgsqlDataReader, CancellationToken, Task<TResult>> read,
        CancellationToken cancellationToken) =>
        RunAsync(
            async (connection, deadline) =>
            {
                // Without an explicit transaction the server commits at the batch's end, all or nothing.
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                {
                    foreach (var (sql, parameters) in commands)
                    {
                        batch.BatchCommands.Add(CreateBatchCommand(sql, parameters));
                    }

                    var reader = await batch.ExecuteReaderAsync(CommandBehavior.Default, deadline).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        return await read(reader, deadline).ConfigureAwait(false);
                    }
                }
            },
            cancellationToken);

    /// <summary>
    /// Runs what a person looks at, in one round trip and one transaction, with plans that are run as they are: compiling one (PostgreSQL's JIT), as soon as it
    /// is thought to be costly, takes 100 ms and saves none.
    /// </summary>
    public Task<TResult> LookAsync<TResult>(
        (string Sql, NpgsqlParameter[] Parameters)[] commands,
        Func<NpgsqlDataReader, CancellationToken, Task<TResult>> read,
        CancellationToken cancellationToken) =>
        QueryBatchAsync(
            [(NoCompilationSql, []), .. commands],
            async (reader, deadline) =>
            {
                await reader.NextResultAsync(deadline).ConfigureAwait(false);
                return await read(reader, deadline).ConfigureAwait(false);
            },
            cancellationToken);

    /// <returns>How many rows the command changed.</returns>
    public Task<int> ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        RunAsync(
            async (connection, deadline) =>
            {
                var command = CreateCommand(connection, sql, parameters);
                await using (command.ConfigureAwait(false))
                {
                    return await command.ExecuteNonQueryAsync(deadline).ConfigureAwait(false);
                }
            },
            cancellationToken);

    /// <summary>Runs <paramref name="work"/> on a connection of its own.</summary>
    /// <param name="work">What to do; its token is cancelled when the caller cancels or the deadline passes.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="timeout">The deadline; the configured timeout unless given.</param>
    public async Task<TResult> RunAsync<TResult>(
        Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        var limit = timeout ?? _timeout;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            var access = RunOnConnectionAsync(work, deadline.Token);
            return await access.WaitAsync(limit + Grace, CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            throw new StorageUnavailableException($"PostgreSQL {_place} did not answer within {limit}.", exception);
        }
        catch (Exception exception) when (PostgresErrors.IsUnavailable(exception))
        {
            throw new StorageUnavailableException($"PostgreSQL {_place} is unavailable: {exception.Message}", exception);
        }
    }

    private async Task<TResult> RunOnConnectionAsync<TResult>(Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, CancellationToken deadline)
    {
        var connection = await _dataSource.OpenConnectionAsync(deadline).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return await work(connection, deadline).ConfigureAwait(false);
        }
    }

    [SuppressMessage("Security", "CA2100", Justification = "The callers' SQL is constant but for the schema's checked name.")]
    private static NpgsqlCommand CreateCommand(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    [SuppressMessage("Security", "CA2100", Justification = "The callers' SQL is constant but for the schema's checked name.")]
    private static NpgsqlBatchCommand CreateBatchCommand(string sql, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        return command;
    }
}
