using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.PubSub;
using Postoffice.Testing.Receivers;

namespace Postoffice.Transports.Tests.PubSub;

/// <summary>A service account, a local endpoint that gives tokens for it, and a service that sees them.</summary>
public sealed class PubSubAuthenticationTests : IAsyncLifetime
{
    private static readonly SendResult Accepted = new(SendOutcome.Accepted, 200);

    private readonly AllLogs _logs = new();
    private FakePubSub _service = null!;
    private TokenEndpoint _tokens = null!;
    private ServiceAccountFile _account = null!;
    private ServiceProvider _services = null!;
    private ISender _sender = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await FakePubSub.StartAsync();
        _tokens = await TokenEndpoint.StartAsync();
        _account = new ServiceAccountFile(_tokens.Address);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logs));
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Postoffice:PubSub:Endpoint"] = _service.Address.AbsoluteUri,
            ["GOOGLE_APPLICATION_CREDENTIALS"] = _account.Path,
        }).Build());
        services.AddPostoffice().AddPubSubTransport();
        _services = services.BuildServiceProvider();
        _sender = _services.GetRequiredService<ITransport>().CreateSender(PubSubWire.Publisher(), 100);
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _services.DisposeAsync();
        await _service.DisposeAsync();
        await _tokens.DisposeAsync();
        _account.Dispose();
    }

    [Fact]
    public async Task A_token_is_fetched_once_however_many_calls_there_are()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _sender.SendAsync(PubSubWire.Delivery(), Token).AsTask()));
        await using var another = _services.GetRequiredService<ITransport>().CreateSender(PubSubWire.Publisher(), 100);
        await another.SendAsync(PubSubWire.Delivery(), Token);

        results.Should().OnlyContain(result => result == Accepted);
        _tokens.Count.Should().Be(1);
        _tokens.Forms[0].Should().Contain("urn:ietf:params:oauth:grant-type:jwt-bearer").And.Contain("assertion=");
        _service.Calls.Should().HaveCount(51).And.OnlyContain(call => call.Authorization == "Bearer test-token-1");
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_expires()
    {
        // Google's library renews it when less than 225 seconds are left: this one is good for 228, and has to be renewed when it is three seconds old.
        _tokens.ExpiresIn = TimeSpan.FromSeconds(228);
        while (_tokens.Count < 2)
        {
            (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);
        }

        _tokens.ExpiresIn = TimeSpan.FromHours(1);
        while (_service.Calls[^1].Authorization != "Bearer test-token-2")
        {
            (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);
        }

        _service.Calls.Should().OnlyContain(call => call.Authorization != null);
    }

    [Fact]
    public async Task Neither_token_nor_key_is_ever_logged_or_told()
    {
        var told = new List<string?>();
        told.Add((await _sender.SendAsync(PubSubWire.Delivery(), Token)).Error);
        _service.OnPublish = _ => throw FakePubSub.Refusal(Grpc.Core.StatusCode.Unauthenticated, "no such account");
        told.Add((await _sender.SendAsync(PubSubWire.Delivery(), Token)).Error);
        await _service.StopAsync();
        told.Add((await _sender.SendAsync(PubSubWire.Delivery(), Token)).Error);

        var secrets = new[] { "test-token", "PRIVATE KEY", _account.PrivateKey.Split('\n')[1] };
        foreach (var text in told.Concat(_logs.Lines).OfType<string>())
        {
            text.Should().NotContainAny(secrets);
        }

        told.OfType<string>().Should().HaveCount(2);
    }

    [Fact]
    public async Task A_key_that_is_refused_names_the_remedy_and_is_tried_again_without_a_restart()
    {
        _tokens.Refusal = TokenEndpoint.InvalidGrant;
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(new SendResult(
            SendOutcome.Unavailable,
            Error: "no access token: the account was refused (invalid_grant: Invalid JWT Signature.); check that its key is valid, and this machine's clock",
            Fault: SendFault.Setup));
        _service.Calls.Should().BeEmpty("nothing goes out without a token");

        _tokens.Refusal = null;
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);
    }

    [Fact]
    public async Task A_key_that_was_replaced_in_its_file_is_taken_without_a_restart()
    {
        _tokens.ExpiresIn = TimeSpan.FromSeconds(1);
        await _sender.SendAsync(PubSubWire.Delivery(), Token);
        using var replacement = new ServiceAccountFile(_tokens.Address);
        File.Copy(replacement.Path, _account.Path, overwrite: true);
        _tokens.Refusal = TokenEndpoint.InvalidGrant;
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Fault.Should().Be(SendFault.Setup);

        _tokens.Refusal = null;
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);

        IsSignedBy(_account, _tokens.Forms[1]).Should().BeTrue();
        IsSignedBy(replacement, _tokens.Forms[^1]).Should().BeTrue();
    }

    [Fact]
    public async Task A_file_that_is_not_there_names_the_remedy_and_is_read_when_it_comes()
    {
        File.Delete(_account.Path);
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Match<SendResult>(result =>
            result.Fault == SendFault.Setup && result.Error!.StartsWith("no access token: the credentials could not be read") && result.Error.Contains("GOOGLE_APPLICATION_CREDENTIALS"));

        _account.Write();
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);
    }

    [Theory]
    [InlineData("", "*not to be understood (*")]
    [InlineData("{}", "*it has no \"type\"*")]
    [InlineData("[1]", "*it has no \"type\"*")]
    [InlineData("""{"type":"nonsense"}""", "no access token: *")]
    [InlineData("""{"type":"service_account","private_key":"secret","client_email":"a@b.example"}""", "no access token: *")]
    public async Task A_file_with_something_else_in_it_is_no_key_and_what_is_in_it_is_not_told(string content, string error)
    {
        await File.WriteAllTextAsync(_account.Path, content, Token);

        var result = await _sender.SendAsync(PubSubWire.Delivery(), Token);

        result.Fault.Should().Be(SendFault.Setup);
        result.Error.Should().Match(error).And.NotContain("secret");
    }

    [Fact]
    public async Task An_endpoint_for_tokens_that_is_down_is_a_fault_of_the_network()
    {
        await _tokens.StopAsync();
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "no access token: connection refused"));

        await _tokens.StartAgainAsync();
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task An_endpoint_for_tokens_that_fails_is_unavailable(int status)
    {
        _tokens.Refusal = new ScriptedAnswer(status).WithHeader("Content-Type", "application/json").WithBody("""{"error":"not_now"}""");

        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Match<SendResult>(result =>
            result.Outcome == SendOutcome.Unavailable && result.Fault == SendFault.None && result.Error == $"no access token: {status} not_now");
    }

    [Fact]
    public async Task A_token_that_the_service_takes_no_longer_is_fetched_anew_once()
    {
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);
        _service.OnPublish = call => call.Authorization == "Bearer test-token-1" ? throw FakePubSub.Refusal(Grpc.Core.StatusCode.Unauthenticated) : Task.CompletedTask;

        (await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _sender.SendAsync(PubSubWire.Delivery(), Token).AsTask())))
            .Should().Contain(result => result.Fault == SendFault.Setup);
        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(Accepted);

        _tokens.Count.Should().Be(2, "those that were refused together bore one token");
    }

    [Fact]
    public async Task An_endpoint_for_tokens_that_never_answers_is_left_and_tried_again_by_the_next_attempt()
    {
        await using var silent = await ScriptedReceiver.StartAsync();
        silent.Hold();
        using var account = new ServiceAccountFile(new Uri($"http://127.0.0.1:{silent.Port}/token"));
        await using var sender = PubSubWire.Transport(
            options => (options.Endpoint, options.CredentialsFile) = (_service.Address, account.Path), tokenTimeout: TimeSpan.FromMilliseconds(300)).CreateSender(PubSubWire.Publisher(), 10);

        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(
            new SendResult(SendOutcome.Unavailable, Error: "no access token: no answer in time", Fault: SendFault.Timeout));
        (await sender.SendAsync(PubSubWire.Delivery(), Token)).Fault.Should().Be(SendFault.Timeout);

        silent.Count.Should().Be(2, "each was a request of its own");
    }

    [Fact]
    public async Task A_foreign_identity_that_cannot_be_reached_is_a_fault_of_the_network()
    {
        await File.WriteAllTextAsync(
            _account.Path,
            $$"""
            {
              "type": "external_account", "audience": "//iam.googleapis.com/pools/p", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
              "token_url": "{{_tokens.Address}}", "credential_source": { "url": "http://127.0.0.1:{{FreePort.Take()}}/identity" }
            }
            """,
            Token);

        (await _sender.SendAsync(PubSubWire.Delivery(), Token)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "no access token: connection refused"));
    }

    private static bool IsSignedBy(ServiceAccountFile account, string form)
    {
        var parts = form.Split('&').Single(field => field.StartsWith("assertion=", StringComparison.Ordinal))["assertion=".Length..].Split('.');
        using var key = RSA.Create();
        key.ImportFromPem(account.PrivateKey);
        return key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private sealed class AllLogs : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IEnumerable<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {state} {exception}");

        public void Dispose()
        {
        }
    }
}
