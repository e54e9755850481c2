using Microsoft.Extensions.Options;
using Npgsql;

namespace Postoffice.Storage.Postgres;

/// <summary>Checks <see cref="PostgresOptions"/> when the application starts. Never repeats the connection string: it holds a password.</summary>
internal sealed class PostgresOptionsRules : IValidateOptions<PostgresOptions>
{
    private const int MaxSchemaLength = 63;

    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, PostgresOptions options)
    {
        List<string> failures = [];
        if (CheckConnectionString(options.ConnectionString) is { } connectionString)
        {
            failures.Add($"{PostgresOptions.SectionName}:{nameof(PostgresOptions.ConnectionString)} {connectionString}");
        }

        if (!IsSchemaName(options.Schema))
        {
            failures.Add($"{PostgresOptions.SectionName}:{nameof(PostgresOptions.Schema)} (\"{options.Schema}\") is not a schema name: use small letters, " +
                $"digits and underscores, at most {MaxSchemaLength}, not beginning with a digit or pg_, such as postoffice.");
        }

        if (options.CommandTimeout < MinTimeout || options.CommandTimeout > MaxTimeout)
        {
            failures.Add($"{PostgresOptions.SectionName}:{nameof(PostgresOptions.CommandTimeout)} ({options.CommandTimeout}) must lie between " +
                $"{MinTimeout} and {MaxTimeout}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>What may stand as a schema's name in SQL. It is quoted there all the same, since a reserved word passes.</summary>
    public static bool IsSchemaName(string? name) =>
        name is { Length: > 0 and <= MaxSchemaLength } && !char.IsAsciiDigit(name[0]) && !name.StartsWith("pg_", StringComparison.Ordinal)
        && name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_');

    private static string? CheckConnectionString(string? connectionString)
    {
        const string Remedy = "Give an Npgsql connection string such as Host=localhost;Database=postoffice;Username=postoffice;Password=….";
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            return $"is not set. {Remedy}";
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Host is null ? $"names no Host. {Remedy}" : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            return $"can't be read. {Remedy}";
        }
    }
}
