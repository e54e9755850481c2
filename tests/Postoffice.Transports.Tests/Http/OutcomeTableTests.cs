using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postoffice.Outcomes;
using Postoffice.Publishers;
using Postoffice.Testing.Receivers;

namespace Postoffice.Transports.Tests.Http;

/// <summary>The table of outcomes on the wire, row by row: what the receiver does, what it counts as, and what follows.</summary>
public sealed class OutcomeTableTests
{
    // Its timeout of 30 s passes only where a test gives another: a machine's first TLS handshake may take a second.
    private static readonly PublisherSettings Settings = new() { RetryDelay = TimeSpan.FromSeconds(10), MaxAttempts = 3 };


    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nonly this")]
    public async Task A_2xx_delivers_even_if_its_body_breaks_off(string answer)
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Answer(answer));

        var result = await AttemptAsync(receiver.Target);

        result.Should().Match<SendResult>(r => r.Outcome == SendOutcome.Accepted && r.Fault == SendFault.None && r.Error == null);
        Follows(result).Should().Be(new Decision(DecisionKind.Deliver));
    }

    [Fact]
    public async Task A_2xx_delivers_even_if_its_body_drips_beyond_the_deadline()
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x"));

        (await AttemptAsync(receiver.Target, Wire.Timeout)).Should().Be(new SendResult(SendOutcome.Accepted, 200));
    }

    [Theory]
    [InlineData(408, SendOutcome.Unavailable, "unavailable (408)")]
    [InlineData(425, SendOutcome.Unavailable, "unavailable (425)")]
    [InlineData(429, SendOutcome.Throttled, "throttled (429)")]
    [InlineData(500, SendOutcome.Unavailable, "unavailable (500)")]
    [InlineData(502, SendOutcome.Unavailable, "unavailable (502)")]
    [InlineData(503, SendOutcome.Unavailable, "unavailable (503)")]
    [InlineData(504, SendOutcome.Unavailable, "unavailable (504)")]
    [InlineData(400, SendOutcome.Rejected, "rejected (400)")]
    [InlineData(401, SendOutcome.Rejected, "rejected (401)")]
    [InlineData(404, SendOutcome.Rejected, "rejected (404)")]
    [InlineData(422, SendOutcome.Rejected, "rejected (422)")]
    public async Task A_failure_parks_until_attempts_run_out(int status, SendOutcome outcome, string reason)
    {
        var result = await AnswerAsync(new ScriptedAnswer(status).WithBody("why"));

        result.Should().Match<SendResult>(r => r.Outcome == outcome && r.StatusCode == status && r.Fault == SendFault.None && r.RetryAfter == null);
        result.Error.Should().StartWith($"{status}").And.EndWith(": why");
        Follows(result).Should().Be(new Decision(DecisionKind.Park, TimeSpan.FromSeconds(10), reason));
        Follows(result, attempt: 2).Delay.Should().Be(TimeSpan.FromSeconds(20));
        Follows(result, attempt: 3).Should().Be(new Decision(DecisionKind.DeadLetter, Reason: "max-attempts"));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_pause_in_seconds_is_honoured(int status)
    {
        var result = await AnswerAsync(new ScriptedAnswer(status).WithHeader("Retry-After", "120"));

        (result.Outcome, result.RetryAfter).Should().Be((SendOutcome.Throttled, TimeSpan.FromSeconds(120)));
        Follows(result).Delay.Should().Be(TimeSpan.FromSeconds(120));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_pause_until_a_date_is_honoured(int status)
    {
        var until = DateTimeOffset.UtcNow.AddMinutes(5);

        var result = await AnswerAsync(new ScriptedAnswer(status).WithHeader("Retry-After", until.ToString("r")));

        // The header has whole seconds, and the test takes some.
        result.Outcome.Should().Be(SendOutcome.Throttled);
        result.RetryAfter.Should().BeCloseTo(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(60));
        Follows(result).Delay.Should().Be(result.RetryAfter!.Value);
    }

    [Theory]
    [InlineData("1", 10)]
    [InlineData("999999", 24 * 3600)]
    public async Task A_pause_neither_shortens_the_backoff_nor_exceeds_a_day(string retryAfter, int seconds)
    {
        var result = await AnswerAsync(new ScriptedAnswer(429).WithHeader("Retry-After", retryAfter));

        Follows(result).Delay.Should().Be(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_a_failed_attempt_and_never_followed(int status)
    {
        await using var elsewhere = await ScriptedReceiver.StartAsync();

        var result = await AnswerAsync(new ScriptedAnswer(status).WithHeader("Location", elsewhere.Target));

        (result.Outcome, result.Fault).Should().Be((SendOutcome.Rejected, SendFault.None));
        Follows(result).Should().Be(new Decision(DecisionKind.Park, TimeSpan.FromSeconds(10), $"rejected ({status})"));
        elsewhere.Count.Should().Be(0);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_pauses_its_publisher()
    {
        var result = await AnswerAsync(new ScriptedAnswer(410));

        (result.Outcome, result.Fault).Should().Be((SendOutcome.Gone, SendFault.None));
        Follows(result).Should().Be(new Decision(DecisionKind.Pause, TimeSpan.FromSeconds(10), "gone"));
    }

    [Fact]
    public async Task A_refused_connection_is_an_answer()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await receiver.StopAsync();

        await ShouldBeUnavailableAsync(receiver.Target, "connection refused", SendFault.None);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_an_answer_too_unless_nobody_can_be_asked()
    {
        var result = await AttemptAsync("http://nxdomain.invalid/hook");

        result.Outcome.Should().Be(SendOutcome.Unavailable);
        (result.Error, result.Fault).Should().BeOneOf(("name not found", SendFault.None), ("name lookup failed", SendFault.Unreachable));
        Follows(result).Kind.Should().Be(DecisionKind.Park);
    }

    [Fact]
    public async Task A_host_without_a_way_to_it_is_unreachable()
    {
        // Addresses for documentation; no network has them. Without IPv6 there is no way, with it no answer.
        var transport = Wire.Transport(configure: options => options.ConnectTimeout = TimeSpan.FromMilliseconds(200));
        var publisher = Wire.Publisher("http://[2001:db8::1]/hook");
        await using var sender = transport.CreateSender(publisher, 1);

        var result = await Wire.Pipeline(sender, publisher).SendAsync(Wire.Delivery(), Cancellation);

        (result.Outcome, result.Fault).Should().Be((SendOutcome.Unavailable, SendFault.Unreachable), "{0}", result.Error);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_an_answer()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var receiver = RawReceiver.Start(RawBehaviours.Tls(certificate));

        await ShouldBeUnavailableAsync($"https://127.0.0.1:{receiver.Port}/hook", "TLS: ", SendFault.None);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_is_a_timeout()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        receiver.Hold();

        await ShouldBeUnavailableAsync(receiver.Target, "timeout after 0.3 s", SendFault.Timeout, Wire.ShortTimeout);
    }

    private static async Task ShouldBeUnavailableAsync(string target, string error, SendFault fault, TimeSpan? timeout = null)
    {
        var result = await AttemptAsync(target, timeout);

        result.Should().Match<SendResult>(r => r.Outcome == SendOutcome.Unavailable && r.StatusCode == null && r.RetryAfter == null && r.Fault == fault);
        result.Error.Should().StartWith(error);
        Follows(result).Should().Be(new Decision(DecisionKind.Park, TimeSpan.FromSeconds(10), "unavailable"));
    }

    private static async Task<SendResult> AnswerAsync(ScriptedAnswer answer)
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        receiver.DefaultAnswer = answer;
        var result = await AttemptAsync(receiver.Target);
        receiver.Count.Should().Be(1);
        return result;
    }

    private static async Task<SendResult> AttemptAsync(string target, TimeSpan? timeout = null)
    {
        var publisher = Wire.Publisher(target) with { Settings = Settings with { Timeout = timeout ?? Settings.Timeout } };
        await using var sender = Wire.Transport().CreateSender(publisher, 1);
        var pipeline = new SendPipeline(publisher, sender, 1, new EgressWatch(), TimeProvider.System, NullLogger.Instance);

        return await pipeline.SendAsync(Wire.Delivery(), Cancellation);
    }

    private static Decision Follows(SendResult result, int attempt = 1) =>
        OutcomePolicy.Decide(result, attempt, TimeSpan.Zero, Settings, jitter: 0.5);
}
