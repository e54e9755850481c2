using System.Net.Sockets;
using Npgsql;

namespace Postoffice.Storage.Postgres;

/// <summary>Tells "the database is not there, does not answer or is full" apart from faults of our own.</summary>
internal static class PostgresErrors
{
    /// <returns>Whether the exception means that the store is unavailable.</returns>
    /// <remarks>
    /// An <see cref="OperationCanceledException"/> is for the caller to judge: only he knows whose token it was.
    /// </remarks>
    public static bool IsUnavailable(Exception exception) => exception switch
    {
        PostgresException postgres => IsUnavailable(postgres.SqlState),
        NpgsqlException or SocketException or TimeoutException or IOException => true,
        _ => false,
    };

    /// <summary>By class of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html.</summary>
    private static bool IsUnavailable(string sqlState) => sqlState switch
    {
        // 25006: the server is a standby, as right after a failover. 57014: its own statement_timeout; our token is told apart before.
        // 55P03: its own lock_timeout.
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable => true,

        // Connection failure; out of disk, memory or connections; shutting down or starting up; I/O error.
        _ => sqlState.StartsWith("08", StringComparison.Ordinal) || sqlState.StartsWith("40", StringComparison.Ordinal) || sqlState.StartsWith("53", StringComparison.Ordinal)
            || sqlState.StartsWith("57P", StringComparison.Ordinal) || sqlState.StartsWith("58", StringComparison.Ordinal),
    };
}
