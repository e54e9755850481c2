using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Postoffice.Storage.Sqlite.Tests;

/// <summary><c>UseSqlite</c>: every seam is there, the path comes from code, then configuration, then the default.</summary>
public sealed class RegistrationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_seam_works_on_one_file()
    {
        var folder = Directory.CreateTempSubdirectory("postoffice-");
        await using (var provider = Build(null, builder => builder.UseSqlite(Path.Combine(folder.FullName, "registered.db"))))
        {
            await provider.GetRequiredService<IStorage>().MigrateAsync(Cancel);
            var topic = await provider.GetRequiredService<ITopicStore>().TryAddAsync(new Topics.NewTopic("orders", null), Cancel);

            (await provider.GetRequiredService<IMessageLog>().HeadsAsync([topic!.Id], Cancel)).Should().ContainKey(topic.Id);
            provider.GetRequiredService<IPublisherStore>().Should().BeOfType<SqlitePublisherStore>();
            provider.GetRequiredService<IStagedMessageStore>().Should().BeOfType<SqliteStagedMessageStore>();
            provider.GetRequiredService<IDeliveryStore>().Should().BeOfType<SqliteDeliveryStore>();
            provider.GetRequiredService<ILeaseStore>().Should().BeOfType<SqliteLeaseStore>();
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null, null, "data/postoffice.db")]
    [InlineData("configured.db", null, "configured.db")]
    [InlineData("configured.db", "coded.db", "coded.db")]
    public void The_path_is_that_of_the_code_or_the_configuration_or_the_default(string? configured, string? coded, string expected)
    {
        using var provider = Build(configured, builder => builder.UseSqlite(options => options.Path = coded ?? options.Path));

        provider.GetRequiredService<IOptions<SqliteOptions>>().Value.Path.Should().Be(expected);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData(":memory:")]
    [InlineData("file:orders.db?mode=memory")]
    public void A_path_that_is_no_file_is_refused(string path)
    {
        using var provider = Build(path, builder => builder.UseSqlite(_ => { }));

        provider.Invoking(services => services.GetRequiredService<IStorage>()).Should().Throw<OptionsValidationException>()
            .WithMessage("*Postoffice:Storage:Sqlite:Path*");
    }

    private static ServiceProvider Build(string? configuredPath, Action<PostofficeBuilder> use)
    {
        var settings = new Dictionary<string, string?>();
        if (configuredPath is not null)
        {
            settings.Add("Postoffice:Storage:Sqlite:Path", configuredPath);
        }

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        use(services.AddPostoffice());
        return services.BuildServiceProvider();
    }
}
