using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>What a host must refuse to start with, and how it says so.</summary>
public sealed class StartTests : EndToEndTest
{
    [Theory]
    [InlineData("Postoffice__Pipeline__MaxDemand", "0", "Postoffice:Pipeline:MaxDemand", "from 1 to 1000")]
    [InlineData("Postoffice__Pipeline__MaxDemand", "many", "Postoffice:Pipeline:MaxDemand", "many")]
    [InlineData("Postoffice__Cluster__LeaseDuration", "00:00:04", "Postoffice:Cluster:LeaseDuration (00:00:04)", "Raise the first or lower the second")]
    [InlineData("Postoffice__PubSub__ProjectId", "a project", "Postoffice:PubSub:ProjectId", "letters, digits")]
    [InlineData("Postoffice__Dashboard__ReadOnly", "maybe", "Postoffice:Dashboard:ReadOnly", "neither true nor false")]
    [InlineData("Postoffice__Storage__Sqlite__Path", ":memory:", "Postoffice:Storage:Sqlite:Path (:memory:)", "Give one, such as data/postoffice.db")]
    public async Task A_bad_setting_ends_the_host_with_its_name_its_value_and_the_remedy(string variable, string value, string setting, string remedy)
    {
        var host = MakeHost([new(variable, value)]);

        var exitCode = await host.RunAsync(Cancel);

        exitCode.Should().NotBe(0);
        host.Log.Should().Contain(setting).And.Contain(value).And.Contain(remedy);
    }

    [Fact]
    public async Task A_connection_string_that_cannot_be_read_is_named_but_never_shown()
    {
        var host = MakeHost([new("Postoffice__Storage__Postgres__ConnectionString", "Hots=db;Password=secret")]);

        var exitCode = await host.RunAsync(Cancel);

        exitCode.Should().NotBe(0);
        host.Log.Should().Contain("Postoffice:Storage:Postgres:ConnectionString").And.Contain("Host=").And.NotContain("secret");
    }

    [Fact]
    public async Task A_second_host_on_a_SQLite_file_is_refused()
    {
        var first = await StartHostAsync([]);
        var file = Path.Combine(first.Directory, "data", "postoffice.db");
        var second = MakeHost([new("Postoffice__Storage__Sqlite__Path", file)]);

        var exitCode = await second.RunAsync(Cancel);

        exitCode.Should().NotBe(0);
        second.Log.Should().Contain(file).And.Contain("process");
        await first.Client.CreateTopicAsync("still-there", Cancel);
    }

    [Fact]
    public async Task A_publisher_whose_transport_is_no_longer_set_up_waits_and_the_log_names_the_remedy()
    {
        var first = await StartHostAsync([new("Postoffice__PubSub__ProjectId", "a-project"), new("PUBSUB_EMULATOR_HOST", $"127.0.0.1:{FreePort.Take()}")]);
        await first.Client.CreateTopicAsync("orders", Cancel);
        await first.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri("out", UriKind.Relative)) { Type = "pubsub" }, Cancel);
        await first.StopAsync(Cancel);

        var second = await StartHostAsync([new("Postoffice__Storage__Sqlite__Path", Path.Combine(first.Directory, "data", "postoffice.db"))]);
        await second.Client.PostMessageAsync("orders", "{}", Cancel);
        await UntilAsync(() => Task.FromResult(second.Log.Contains(
            "Publisher 1 delivers nothing: pubsub is not set up here; set Postoffice:PubSub:ProjectId (or GCLOUD_PUBSUB_PROJECT_ID)", StringComparison.Ordinal)));

        (await second.Client.GetPublisherAsync(1, Cancel)).Lag.Should().Be(1);
    }
}
