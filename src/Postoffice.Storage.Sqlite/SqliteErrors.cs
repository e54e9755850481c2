using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Postoffice.Storage.Sqlite;

/// <summary>Tells what SQLite could not do from what was asked wrongly, and what an operator can do about the first.</summary>
internal static class SqliteErrors
{
    /// <returns>The exception for the caller of one piece of work; <paramref name="exception"/> itself when it is not the storage that failed.</returns>
    public static Exception Translate(Exception exception, string path) =>
        exception is SqliteException sqlite && Remedy(sqlite.SqliteErrorCode) is not null ? Unavailable(sqlite, path) : exception;

    /// <returns>The exception for all callers of a transaction that failed as a whole: whatever the cause, to them the storage is not available.</returns>
    public static Exception TranslateGroup(Exception exception, string path) => exception switch
    {
        StorageUnavailableException => exception,
        SqliteException sqlite => Unavailable(sqlite, path),
        _ => new StorageUnavailableException($"A transaction on the SQLite file {path} failed: {exception.Message}", exception),
    };

    /// <summary>Whether the connection itself may be damaged, so that only a new one can go on.</summary>
    public static bool BreaksConnection(Exception exception) => exception is not SqliteException sqlite
        || sqlite.SqliteErrorCode is raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY
            or raw.SQLITE_NOMEM;

    private static StorageUnavailableException Unavailable(SqliteException exception, string path) => new(
        $"The SQLite file {path} cannot be used: {exception.Message.TrimEnd('.')}. {Remedy(exception.SqliteErrorCode)}".TrimEnd(), exception);

    private static string? Remedy(int code) => code switch
    {
        raw.SQLITE_FULL => "Free disk space; Postoffice goes on by itself.",
        raw.SQLITE_IOERR => "Check the disk and its mount; Postoffice goes on by itself when it answers again.",
        raw.SQLITE_CANTOPEN => "Check that the file and its folder exist and that this process may write to them.",
        raw.SQLITE_READONLY or raw.SQLITE_PERM =>
            "Give this process the right to write the file and its folder, and check that the disk is not mounted read-only.",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL =>
            "Another program holds its lock for longer than 5 seconds: end that program, a backup or a shell for example.",
        raw.SQLITE_CORRUPT => "The file is damaged: stop Postoffice, keep a copy, and restore a backup.",
        raw.SQLITE_NOTADB => "It is not an SQLite database: name another file, or move this one away.",
        raw.SQLITE_NOMEM => "The process is out of memory.",
        _ => null,
    };
}
