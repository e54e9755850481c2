using Microsoft.Extensions.Options;

namespace Postoffice.Storage.Sqlite;

/// <summary>Where the SQLite storage keeps its file: section <c>Postoffice:Storage:Sqlite</c>.</summary>
public sealed class SqliteOptions
{
    /// <summary>The configuration section: <c>Postoffice:Storage:Sqlite</c>.</summary>
    public const string SectionName = "Postoffice:Storage:Sqlite";

    /// <summary>The database file. It is created when missing, and so is its folder. One process at a time may use it.</summary>
    /// <value>
    /// <c>data/postoffice.db</c>; a relative path starts at the working directory. Keep it on a local disk: SQLite's locks are not safe on network shares.
    /// </value>
    public string Path { get; set; } = "data/postoffice.db";
}

/// <summary>Refuses paths that are no files: each connection to <c>:memory:</c> would be a database of its own.</summary>
internal sealed class SqliteOptionsRules : IValidateOptions<SqliteOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteOptions options) =>
        string.IsNullOrWhiteSpace(options.Path)
            ? ValidateOptionsResult.Fail(
                $"{SqliteOptions.SectionName}:{nameof(SqliteOptions.Path)} is empty. Give the path of a file, such as data/postoffice.db.")
        : options.Path.Contains(":memory:", StringComparison.OrdinalIgnoreCase) || options.Path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? ValidateOptionsResult.Fail(
                $"{SqliteOptions.SectionName}:{nameof(SqliteOptions.Path)} ({options.Path}) is no path of a file. Give one, such as data/postoffice.db; " +
                "to keep nothing, choose UseInMemory().")
        : ValidateOptionsResult.Success;
}
