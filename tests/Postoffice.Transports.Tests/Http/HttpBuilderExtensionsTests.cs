using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Postoffice.Transports.Http;

namespace Postoffice.Transports.Tests.Http;

public sealed class HttpBuilderExtensionsTests
{
    [Fact]
    public void One_transport_is_added_however_often_it_is_asked_for()
    {
        using var services = Build([], builder => builder.AddHttpTransport().AddHttpTransport(options => options.MaxErrorBytes = 256));

        services.GetServices<ITransport>().Should().ContainSingle().Which.Type.Should().Be("http");
        services.GetRequiredService<IOptions<HttpTransportOptions>>().Value.MaxErrorBytes.Should().Be(256);
    }

    [Fact]
    public void Settings_come_from_the_configuration()
    {
        using var services = Build(new() { ["Postoffice:Http:ConnectTimeout"] = "00:00:02" }, builder => builder.AddHttpTransport());

        services.GetRequiredService<IOptions<HttpTransportOptions>>().Value.ConnectTimeout.Should().Be(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("ConnectTimeout", "00:00:00")]
    [InlineData("ConnectTimeout", "01:00:00")]
    [InlineData("PooledConnectionLifetime", "-00:00:01")]
    [InlineData("MaxResponseBytes", "-1")]
    [InlineData("MaxErrorBytes", "5000")]
    public void A_setting_out_of_range_is_named_with_its_value_and_range(string setting, string value)
    {
        using var services = Build(new() { [$"Postoffice:Http:{setting}"] = value }, builder => builder.AddHttpTransport());

        services.Invoking(provider => provider.GetRequiredService<IOptions<HttpTransportOptions>>().Value)
            .Should().Throw<OptionsValidationException>().WithMessage($"Postoffice:Http:{setting} ({value}) is out of range: give a value from *");
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings, Action<PostofficeBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        configure(services.AddPostoffice());
        return services.BuildServiceProvider();
    }
}
