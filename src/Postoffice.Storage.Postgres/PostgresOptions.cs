namespace Postoffice.Storage.Postgres;

/// <summary>Where the PostgreSQL storage is: section <c>Postoffice:Storage:Postgres</c>.</summary>
public sealed class PostgresOptions
{
    /// <summary>The configuration section: <c>Postoffice:Storage:Postgres</c>.</summary>
    public const string SectionName = "Postoffice:Storage:Postgres";

    /// <summary>How to reach the database, in Npgsql's words: <c>Host=db;Database=postoffice;Username=postoffice;Password=…</c>.</summary>
    /// <value>
    /// Required. The storage makes a data source of its own from it, with <c>Enlist=false</c>: what it writes never depends on a transaction of the
    /// application. <c>Max Auto Prepare=50</c> saves the database some work; leave it out behind a pooler in transaction mode.
    /// </value>
    public string ConnectionString { get; set; } = "";

    /// <summary>The schema that holds the tables; created by the migration when it is not there.</summary>
    /// <value><c>postoffice</c>; small letters, digits and underscores, at most 63, not beginning with a digit or <c>pg_</c>.</value>
    public string Schema { get; set; } = "postoffice";

    /// <summary>How long one access to the database may take, from opening the connection to the last row.</summary>
    /// <value>
    /// 10 seconds; 1 second to 5 minutes. When it passes, the access is called off, which takes a second at most, and ends with
    /// <see cref="StorageUnavailableException"/>.
    /// </value>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
