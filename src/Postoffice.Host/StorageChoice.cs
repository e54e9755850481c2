namespace Postoffice.Host;

/// <summary>PostgreSQL when a connection string is given, else a SQLite file.</summary>
internal static class StorageChoice
{
    private const string ConnectionStringKey = "Postoffice:Storage:Postgres:ConnectionString";

    public static PostofficeBuilder UseConfiguredStorage(this PostofficeBuilder builder, IConfiguration configuration) =>
        string.IsNullOrWhiteSpace(configuration[ConnectionStringKey])
            ? builder.UseSqlite(_ => { })
            : builder.UsePostgres(_ => { });
}
