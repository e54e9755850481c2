namespace Postoffice.EndToEnd.Tests;

/// <summary>What a host must refuse to start with, and how it says so.</summary>
public sealed class StartTests : EndToEndTest
{
    [Theory]
    [InlineData("Postoffice__Pipeline__MaxDemand", "0", "Postoffice:Pipeline:MaxDemand", "from 1 to 1000")]
    [InlineData("Postoffice__Pipeline__MaxDemand", "many", "Postoffice:Pipeline:MaxDemand", "many")]
    [InlineData("Postoffice__Cluster__LeaseDuration", "00:00:04", "Postoffice:Cluster:LeaseDuration (00:00:04)", "Raise the first or lower the second")]
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
}
