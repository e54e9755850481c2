using System.Transactions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Postoffice.Storage.Postgres.Tests;

public sealed class RegistrationTests(PostgresFixture postgres)
{
    private const string ConnectionString = "Host=db;Database=books;Username=me;Password=secret";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_data_source_of_the_application_stays_its_own()
    {
        var services = Services();
        var own = NpgsqlDataSource.Create("Host=own");
        services.AddSingleton(own);
        services.AddPostoffice().UsePostgres(ConnectionString);
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<NpgsqlDataSource>().Should().BeSameAs(own);
        provider.GetRequiredService<IStorage>().Description.Should().Be("PostgreSQL database books at db:5432, schema postoffice");
    }

    [Fact]
    public async Task Settings_come_from_the_configuration_and_code_wins()
    {
        var services = Services(("Postoffice:Storage:Postgres:ConnectionString", "Host=configured"), ("Postoffice:Storage:Postgres:Schema", "mail"));
        services.AddPostoffice().UsePostgres(options => options.CommandTimeout = TimeSpan.FromSeconds(3));
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<IOptions<PostgresOptions>>().Value.Should().BeEquivalentTo(
            new { ConnectionString = "Host=configured", Schema = "mail", CommandTimeout = TimeSpan.FromSeconds(3) });
    }

    [Theory]
    [InlineData("", "postoffice", 10, "Postoffice:Storage:Postgres:ConnectionString is not set")]
    [InlineData("Database=books", "postoffice", 10, "names no Host")]
    [InlineData("Hots=db;Password=secret", "postoffice", 10, "can't be read")]
    [InlineData("Host=db;Port=five", "postoffice", 10, "can't be read")]
    [InlineData(ConnectionString, "post office", 10, "\"post office\"")]
    [InlineData(ConnectionString, "x\"; DROP SCHEMA public; --", 10, "Schema")]
    [InlineData(ConnectionString, "pg_mail", 10, "Schema")]
    [InlineData(ConnectionString, "1mail", 10, "Schema")]
    [InlineData(ConnectionString, "Mail", 10, "Schema")]
    [InlineData(ConnectionString, "", 10, "Schema")]
    [InlineData(ConnectionString, "postoffice", 0, "CommandTimeout (00:00:00)")]
    [InlineData(ConnectionString, "postoffice", 301, "CommandTimeout")]
    public void A_wrong_setting_is_named_without_secrets(string connectionString, string schema, int seconds, string expected)
    {
        var result = new PostgresOptionsRules().Validate(
            null, new() { ConnectionString = connectionString, Schema = schema, CommandTimeout = TimeSpan.FromSeconds(seconds) });

        result.FailureMessage.Should().Contain(expected).And.NotContain("secret");
    }

    [Theory]
    [InlineData("postoffice")]
    [InlineData("_mail_2")]
    [InlineData("order")]
    public void A_schema_may_be_named(string schema) => PostgresOptionsRules.IsSchemaName(schema).Should().BeTrue();

    [Fact]
    public async Task An_append_does_not_depend_on_a_transaction_of_the_application()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var topicId = await database.AddTopicAsync();

        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await database.AppendAsync(topicId, 1);
        }

        (await database.Log.HeadsAsync([topicId], Cancel)).Should().Contain(topicId, 1);
    }

    private static ServiceCollection Services(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());
        return services;
    }
}
