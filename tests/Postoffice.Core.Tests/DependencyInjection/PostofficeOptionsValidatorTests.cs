using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Postoffice.Core.Tests.DependencyInjection;

public sealed class PostofficeOptionsValidatorTests
{
    public static TheoryData<string, string, string, Action<PostofficeOptions>> BadSettings => new()
    {
        { "Postoffice:Ingestion:MaxBatchMessages", "0", "from 1 to 10000", options => options.Ingestion.MaxBatchMessages = 0 },
        { "Postoffice:Ingestion:MaxBatchMessages", "10001", "from 1 to 10000", options => options.Ingestion.MaxBatchMessages = 10_001 },
        { "Postoffice:Ingestion:MaxPendingBytes", "33554431", "from 33554432", options => options.Ingestion.MaxPendingBytes = (32 * 1024 * 1024) - 1 },
        { "Postoffice:Ingestion:RelayInterval", "00:00:00.0090000", "from 00:00:00.0100000 to 00:01:00", options => options.Ingestion.RelayInterval = Milliseconds(9) },
        { "Postoffice:Ingestion:RelayInterval", "00:01:01", "from 00:00:00.0100000 to 00:01:00", options => options.Ingestion.RelayInterval = Seconds(61) },
        { "Postoffice:Pipeline:MaxDemand", "0", "from 1 to 1000", options => options.Pipeline.MaxDemand = 0 },
        { "Postoffice:Pipeline:MaxDemand", "1001", "from 1 to 1000", options => options.Pipeline.MaxDemand = 1_001 },
        { "Postoffice:Pipeline:MinDemand", "-1", "from 0 to 49", options => options.Pipeline.MinDemand = -1 },
        { "Postoffice:Pipeline:MinDemand", "50", "from 0 to 49", options => options.Pipeline.MinDemand = 50 },
        { "Postoffice:Pipeline:MaxInFlight", "0", "from 1 to 100000", options => options.Pipeline.MaxInFlight = 0 },
        { "Postoffice:Pipeline:MaxInFlight", "100001", "from 1 to 100000", options => options.Pipeline.MaxInFlight = 100_001 },
        { "Postoffice:Pipeline:PollInterval", "00:00:00.0090000", "from 00:00:00.0100000 to 00:01:00", options => options.Pipeline.PollInterval = Milliseconds(9) },
        { "Postoffice:Pipeline:PollInterval", "00:01:01", "from 00:00:00.0100000 to 00:01:00", options => options.Pipeline.PollInterval = Seconds(61) },
        { "Postoffice:Pipeline:SettleDelay", "-00:00:01", "from 00:00:00 to 00:00:01", options => options.Pipeline.SettleDelay = Seconds(-1) },
        { "Postoffice:Pipeline:SettleDelay", "00:00:02", "from 00:00:00 to 00:00:01", options => options.Pipeline.SettleDelay = Seconds(2) },
        { "Postoffice:Pipeline:SettleBatchSize", "0", "from 1 to 10000", options => options.Pipeline.SettleBatchSize = 0 },
        { "Postoffice:Pipeline:SettleBatchSize", "10001", "from 1 to 10000", options => options.Pipeline.SettleBatchSize = 10_001 },
        { "Postoffice:Pipeline:WindowSize", "255", "from 256 to 65536", options => options.Pipeline.WindowSize = 255 },
        { "Postoffice:Pipeline:WindowSize", "65537", "from 256 to 65536", options => options.Pipeline.WindowSize = 65_537 },
        { "Postoffice:Pipeline:DrainTimeout", "-00:00:01", "from 00:00:00 to 00:10:00", options => options.Pipeline.DrainTimeout = Seconds(-1) },
        { "Postoffice:Pipeline:DrainTimeout", "00:10:01", "from 00:00:00 to 00:10:00", options => options.Pipeline.DrainTimeout = Seconds(601) },
        { "Postoffice:Cluster:LeaseDuration", "00:10:01", "from 00:00:02 to 00:10:00", options => options.Cluster.LeaseDuration = Seconds(601) },
        { "Postoffice:Cluster:LeaseDuration", "00:00:08", "Raise the first or lower the second", options => options.Cluster.LeaseDuration = Seconds(8) },
        {
            "Postoffice:Cluster:LeaseDuration", "00:00:01", "from 00:00:02 to 00:10:00",
            options => (options.Cluster.LeaseDuration, options.Cluster.RenewInterval, options.Cluster.LeaseMargin) = (Seconds(1), Milliseconds(100), TimeSpan.Zero)
        },
        { "Postoffice:Cluster:RenewInterval", "00:00:00.0990000", "from 00:00:00.1000000 to 00:03:00", options => options.Cluster.RenewInterval = Milliseconds(99) },
        { "Postoffice:Cluster:LeaseMargin", "-00:00:01", "Lower it", options => options.Cluster.LeaseMargin = Seconds(-1) },
        { "Postoffice:Cluster:LeaseMargin", "00:00:04", "(00:00:04), or a node would stop sending", options => options.Cluster.LeaseMargin = Seconds(4) },
    };

    [Fact]
    public void The_defaults_are_good() => Validate(_ => { }).Should().BeEmpty();

    [Fact]
    public void The_ends_of_each_range_are_good()
    {
        Validate(options =>
        {
            (options.Pipeline.MaxDemand, options.Pipeline.MinDemand) = (1, 0);
            (options.Pipeline.SettleDelay, options.Pipeline.SettleBatchSize, options.Pipeline.WindowSize) = (TimeSpan.Zero, 1, 256);
            (options.Cluster.LeaseDuration, options.Cluster.RenewInterval, options.Cluster.LeaseMargin) = (Seconds(3), Seconds(1), TimeSpan.Zero);
        }).Should().BeEmpty();
        Validate(options =>
        {
            (options.Pipeline.MaxDemand, options.Pipeline.MinDemand) = (1_000, 999);
            (options.Pipeline.SettleDelay, options.Pipeline.SettleBatchSize, options.Pipeline.WindowSize) = (Seconds(1), 10_000, 65_536);
            (options.Cluster.LeaseDuration, options.Cluster.RenewInterval, options.Cluster.LeaseMargin) = (Seconds(600), Seconds(180), Seconds(239));
        }).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(BadSettings), DisableDiscoveryEnumeration = true)]
    public void A_bad_setting_is_named_with_its_value_and_the_remedy(string setting, string value, string remedy, Action<PostofficeOptions> set) =>
        Validate(set).Should().ContainSingle().Which.Should().StartWith(setting).And.Contain(value).And.Contain(remedy);

    [Fact]
    public void All_that_is_wrong_is_said_at_once() =>
        Validate(options =>
        {
            options.Ingestion.MaxBatchMessages = 0;
            options.Pipeline.MaxInFlight = 0;
            options.Cluster.RenewInterval = Milliseconds(1);
        }).Should().HaveCount(3);

    [Fact]
    public async Task An_application_with_a_bad_setting_does_not_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddPostoffice(options => options.Pipeline.MaxDemand = 0).UseInMemory();
        using var host = builder.Build();

        var start = () => host.StartAsync(TestContext.Current.CancellationToken);

        (await start.Should().ThrowAsync<OptionsValidationException>()).WithMessage("*Postoffice:Pipeline:MaxDemand is 0*");
    }

    private static IEnumerable<string> Validate(Action<PostofficeOptions> set)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            var options = new PostofficeOptions();
            set(options);
            return new PostofficeOptionsValidator().Validate(null, options).Failures ?? [];
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
