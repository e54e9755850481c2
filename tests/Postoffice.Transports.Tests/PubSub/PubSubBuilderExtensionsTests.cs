using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Postoffice.Publishers;
using Postoffice.Transports.PubSub;

namespace Postoffice.Transports.Tests.PubSub;

public sealed class PubSubBuilderExtensionsTests
{
    [Fact]
    public void One_transport_is_added_however_often_it_is_asked_for()
    {
        using var services = Build([], builder => builder.AddPubSubTransport().AddPubSubTransport(options => options.ProjectId = "shop"));

        var transport = services.GetServices<ITransport>().Should().ContainSingle().Subject;
        transport.Type.Should().Be("pubsub");
        transport.CheckTarget("orders", new PublisherSettings()).Target.Should().Be("projects/shop/topics/orders");
        transport.MaxBatchSize(new PublisherSettings()).Should().Be(100);
        transport.MaxBatchSize(new PublisherSettings { ChunkSize = 1_000 }).Should().Be(1_000);
    }

    [Fact]
    public void Settings_come_from_the_configuration()
    {
        var options = Read(new()
        {
            ["Postoffice:PubSub:ProjectId"] = "shop",
            ["Postoffice:PubSub:Endpoint"] = "https://europe-west1-pubsub.googleapis.com",
            ["Postoffice:PubSub:CredentialsFile"] = "/etc/account.json",
            ["Postoffice:PubSub:ConnectTimeout"] = "00:00:02",
            ["GCLOUD_PUBSUB_PROJECT_ID"] = "another",
        });

        (options.ProjectId, options.CredentialsFile, options.ConnectTimeout).Should().Be(("shop", "/etc/account.json", TimeSpan.FromSeconds(2)));
        PubSubEndpoint.Of(options).Should().Be(new PubSubEndpoint(new Uri("https://europe-west1-pubsub.googleapis.com"), IsEmulator: false));
    }

    [Fact]
    public void The_names_by_which_others_know_them_will_do()
    {
        var options = Read(new()
        {
            ["GCLOUD_PUBSUB_PROJECT_ID"] = "shop",
            ["PUBSUB_EMULATOR_HOST"] = "localhost:8085",
            ["GOOGLE_APPLICATION_CREDENTIALS"] = "/etc/account.json",
        });

        (options.ProjectId, options.CredentialsFile).Should().Be(("shop", "/etc/account.json"));
        PubSubEndpoint.Of(options).Should().Be(new PubSubEndpoint(new Uri("http://localhost:8085"), IsEmulator: true));
    }

    [Fact]
    public void Without_any_setting_it_is_Googles_service() =>
        PubSubEndpoint.Of(Read(new() { ["PUBSUB_EMULATOR_HOST"] = " " })).Should().Be(new PubSubEndpoint(new Uri("https://pubsub.googleapis.com"), IsEmulator: false));

    [Theory]
    [InlineData("ProjectId", "my project", "*ProjectId (\"my project\") is no project's id*")]
    [InlineData("EmulatorHost", "http://localhost:8085", "*EmulatorHost (\"http://localhost:8085\") is no HOST:PORT*localhost:8085*")]
    [InlineData("EmulatorHost", "localhost:8085/path", "*is no HOST:PORT*")]
    [InlineData("EmulatorHost", "user@localhost:8085", "*is no HOST:PORT*")]
    [InlineData("EmulatorHost", "local host", "*is no HOST:PORT*")]
    [InlineData("EmulatorHost", "localhost", "*is no HOST:PORT*")]
    [InlineData("EmulatorHost", "localhost#:80", "*is no HOST:PORT*")]
    [InlineData("Endpoint", "http://pubsub.example", "*Endpoint (\"http://pubsub.example/\") would send an access token in the clear*")]
    [InlineData("Endpoint", "ftp://pubsub.example", "*is no address of the service*")]
    [InlineData("Endpoint", "https://pubsub.example/v1", "*is no address of the service*without a path.")]
    [InlineData("ConnectTimeout", "00:00:00", "*ConnectTimeout (00:00:00) is out of range: give a value from *")]
    public void A_setting_that_cannot_be_is_named_with_its_value_and_the_remedy(string setting, string value, string message) =>
        this.Invoking(_ => Read(new() { [$"Postoffice:PubSub:{setting}"] = value })).Should().Throw<OptionsValidationException>().WithMessage(message);

    [Theory]
    [InlineData("localhost:80")]
    [InlineData("[::1]:8085")]
    [InlineData("emulator.example:8085")]
    public void An_emulator_has_a_host_and_a_port(string host) =>
        PubSubEndpoint.Of(Read(new() { ["Postoffice:PubSub:EmulatorHost"] = host })).Should().Be(new PubSubEndpoint(new Uri("http://" + host), IsEmulator: true));

    [Fact]
    public void A_service_on_this_machine_may_be_called_in_the_clear() =>
        PubSubEndpoint.Of(Read(new() { ["Postoffice:PubSub:Endpoint"] = "http://127.0.0.1:4000" })).IsEmulator.Should().BeFalse();

    private static PubSubTransportOptions Read(Dictionary<string, string?> settings)
    {
        using var services = Build(settings, builder => builder.AddPubSubTransport());
        return services.GetRequiredService<IOptions<PubSubTransportOptions>>().Value;
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings, Action<PostofficeBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        configure(services.AddPostoffice());
        return services.BuildServiceProvider();
    }
}
