using Postoffice.Testing.PubSub;
using Postoffice.Testing.Receivers;

namespace Postoffice.Transports.Tests.PubSub;

/// <summary>Credentials that nobody has named: they are looked for where Google's tools leave them.</summary>
[Collection(nameof(GcloudLoginTests))]
public sealed class GcloudLoginTests : IDisposable
{
    private readonly string? _home = Environment.GetEnvironmentVariable("HOME");
    private readonly string _folder = Directory.CreateTempSubdirectory("postoffice-home-").FullName;

    public GcloudLoginTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There the folder of a user's settings is not for a test to choose.");
        Environment.SetEnvironmentVariable("HOME", _folder);

        // A machine of Google's has an account of its own.
        Environment.SetEnvironmentVariable("NO_GCE_CHECK", "true");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_credentials_the_remedy_is_named_and_those_of_a_login_are_taken_when_they_come()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var tokens = await TokenEndpoint.StartAsync();
        using var account = new ServiceAccountFile(tokens.Address);
        await using var sender = PubSubWire.Transport(options => options.Endpoint = service.Address).CreateSender(PubSubWire.Publisher(), 10);

        var result = await sender.SendAsync(PubSubWire.Delivery(), Token);
        result.Fault.Should().Be(SendFault.Setup);
        result.Error.Should().StartWith("no access token: ").And.Contain("set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account's key");

        var settings = Directory.CreateDirectory(Path.Combine(_folder, ".config", "gcloud"));
        File.Copy(account.Path, Path.Combine(settings.FullName, "application_default_credentials.json"));
        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(new SendResult(SendOutcome.Accepted, 200));
        service.Calls.Single().Authorization.Should().Be("Bearer test-token-1");
    }

    [Fact]
    public async Task An_account_of_the_machine_that_comes_late_is_taken_when_it_comes()
    {
        await using var service = await FakePubSub.StartAsync();
        await using var machine = await ScriptedReceiver.StartAsync();
        machine.AnswerBy(_ => new ScriptedAnswer(200).WithHeader("Content-Type", "application/json").WithHeader("Metadata-Flavor", "Google")
            .WithBody("""{"access_token":"of-the-machine","expires_in":3600,"token_type":"Bearer"}"""));
        await machine.StopAsync();
        Environment.SetEnvironmentVariable("NO_GCE_CHECK", null);
        Environment.SetEnvironmentVariable("GCE_METADATA_HOST", $"127.0.0.1:{machine.Port}");
        await using var sender = PubSubWire.Transport(options => options.Endpoint = service.Address).CreateSender(PubSubWire.Publisher(), 10);

        // A pod has to wait some seconds for what knows its account, and Google's library looks but once.
        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Fault.Should().Be(SendFault.Setup);
        await machine.StartAgainAsync();

        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(new SendResult(SendOutcome.Accepted, 200));
        service.Calls.Single().Authorization.Should().Be("Bearer of-the-machine");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("GCE_METADATA_HOST", null);
        Environment.SetEnvironmentVariable("HOME", _home);
        Environment.SetEnvironmentVariable("NO_GCE_CHECK", null);
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The environment is one for all tests: while this one has it, no other runs.</summary>
[CollectionDefinition(nameof(GcloudLoginTests), DisableParallelization = true)]
public sealed class GcloudLoginTestsAlone;
