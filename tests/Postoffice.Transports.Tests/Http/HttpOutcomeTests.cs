using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postoffice.Deliveries;
using Postoffice.Testing.Receivers;
using Postoffice.Transports.Http;

namespace Postoffice.Transports.Tests.Http;

/// <summary>What receivers do, over the wire, and what it means.</summary>
public sealed class HttpOutcomeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200, SendOutcome.Accepted)]
    [InlineData(201, SendOutcome.Accepted)]
    [InlineData(202, SendOutcome.Accepted)]
    [InlineData(204, SendOutcome.Accepted)]
    [InlineData(400, SendOutcome.Rejected)]
    [InlineData(401, SendOutcome.Rejected)]
    [InlineData(404, SendOutcome.Rejected)]
    [InlineData(408, SendOutcome.Unavailable)]
    [InlineData(410, SendOutcome.Gone)]
    [InlineData(413, SendOutcome.Rejected)]
    [InlineData(418, SendOutcome.Rejected)]
    [InlineData(425, SendOutcome.Unavailable)]
    [InlineData(429, SendOutcome.Throttled)]
    [InlineData(500, SendOutcome.Unavailable)]
    [InlineData(502, SendOutcome.Unavailable)]
    [InlineData(503, SendOutcome.Unavailable)]
    [InlineData(504, SendOutcome.Unavailable)]
    public async Task A_status_decides(int status, SendOutcome outcome)
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        receiver.DefaultAnswer = new ScriptedAnswer(status);

        var result = await Wire.SendOnceAsync(receiver.Target);

        result.Outcome.Should().Be(outcome);
        result.StatusCode.Should().Be(status);
        result.RetryAfter.Should().BeNull();
        (result.Error is null).Should().Be(outcome == SendOutcome.Accepted);
        receiver.Count.Should().Be(1);
    }

    [Theory]
    [InlineData(200, "{\n  \"taken\": true\n}", "{   \"taken\": true }", null)]
    [InlineData(200, "", null, null)]
    [InlineData(503, "down", "down", "503 Service Unavailable: down")]
    public async Task The_answer_is_kept_when_somebody_waits_for_it(int status, string body, string? kept, string? error)
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        receiver.DefaultAnswer = new ScriptedAnswer(status).WithBody(body);
        await using var sender = Wire.Sender(receiver.Target);
        var delivery = Wire.Delivery();

        var asked = await sender.SendAsync(new Delivery { Message = delivery.Message, Attempt = 1, KeepsAnswer = true }, Cancellation);
        var unasked = await sender.SendAsync(delivery, Cancellation);

        asked.Answer.Should().Be(kept);
        asked.Error.Should().Be(error);
        unasked.Answer.Should().BeNull();
        (asked with { Answer = null }).Should().Be(unasked);
    }

    [Fact]
    public async Task Of_a_long_answer_the_beginning_is_kept()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        receiver.DefaultAnswer = new ScriptedAnswer(200).WithBody(new string('é', 50_000));
        await using var sender = Wire.Sender(receiver.Target);

        var result = await sender.SendAsync(new Delivery { Message = Wire.Delivery().Message, Attempt = 1, KeepsAnswer = true }, Cancellation);

        result.Answer.Should().Be(new string('é', 2_048));
    }

    [Theory]
    [InlineData(429, "2", SendOutcome.Throttled, 2)]
    [InlineData(503, "3600", SendOutcome.Throttled, 3600)]
    [InlineData(503, "99999999999", SendOutcome.Unavailable, null)]
    [InlineData(503, "-5", SendOutcome.Unavailable, null)]
    [InlineData(503, "1.5", SendOutcome.Unavailable, null)]
    [InlineData(429, "soon", SendOutcome.Throttled, null)]
    [InlineData(200, "3600", SendOutcome.Accepted, null)]
    public async Task A_pause_that_the_receiver_asks_for_is_handed_on(int status, string retryAfter, SendOutcome outcome, int? seconds)
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        receiver.DefaultAnswer = new ScriptedAnswer(status).WithHeader("Retry-After", retryAfter);

        var result = await Wire.SendOnceAsync(receiver.Target);

        result.Outcome.Should().Be(outcome);
        result.RetryAfter.Should().Be(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));
    }

    [Fact]
    public async Task The_error_text_has_the_status_and_the_beginning_of_the_answer()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        receiver.Enqueue(new ScriptedAnswer(503).WithBody("maintenance\nuntil noon"), new ScriptedAnswer(500).WithBody(new string('x', 100_000)));

        (await Wire.SendOnceAsync(receiver.Target)).Error.Should().Be("503 Service Unavailable: maintenance until noon");
        (await Wire.SendOnceAsync(receiver.Target)).Error.Should().StartWith("500 Internal Server Error: xxx").And.HaveLength(4096);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_never_followed(int status)
    {
        await using var elsewhere = await ScriptedReceiver.StartAsync();
        await using var receiver = RawReceiver.Start(RawBehaviours.AnswerEach($"HTTP/1.1 {status} X\r\nLocation: {elsewhere.Target}\r\nContent-Length: 0\r\n\r\n"));

        var result = await Wire.SendOnceAsync(receiver.Target);

        result.Outcome.Should().Be(SendOutcome.Rejected);
        result.StatusCode.Should().Be(status);
        elsewhere.Count.Should().Be(0);
        receiver.Heads.Should().HaveCount(1);
    }

    [Theory]
    [InlineData("ICY 200 OK\r\n\r\n", "answer was not HTTP")]
    [InlineData("<html>ok</html>\n", "answer was not HTTP")]
    [InlineData("<html>ok</html>", "connection closed before an answer")]
    [InlineData("HTTP/1.1 abc\r\n\r\n", "answer was not HTTP")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n", "answer was not HTTP")]
    [InlineData("HTTP/1.1 200 OK\r\nbroken header line\r\n\r\n", "answer was not HTTP")]
    [InlineData("", "connection closed before an answer")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", "connection closed before an answer")]
    [InlineData("HTTP/1.1 200 OK\r\nX-A: 1\r\n", "connection closed before an answer")]
    public async Task An_answer_that_is_none_is_unavailable(string bytes, string error)
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Answer(bytes));

        (await Wire.SendOnceAsync(receiver.Target)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: error));
    }

    [Fact]
    public async Task Headers_without_end_are_unavailable()
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Answer("HTTP/1.1 200 OK\r\nX-A: " + new string('a', 100_000)));

        (await Wire.SendOnceAsync(receiver.Target)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "answer's headers are too large"));
    }

    [Fact]
    public async Task Switching_protocols_is_unavailable()
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.AnswerAndHang("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"));

        var result = await Wire.SendOnceAsync(receiver.Target);

        result.Outcome.Should().Be(SendOutcome.Unavailable);
        result.StatusCode.Should().Be(101);
        await receiver.WaitForAsync(r => r.Closed == 1, Cancellation);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nuntil the end")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")]
    public async Task A_2xx_is_accepted_whatever_becomes_of_its_body(string bytes)
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Answer(bytes));

        (await Wire.SendOnceAsync(receiver.Target)).Outcome.Should().Be(SendOutcome.Accepted);
    }

    [Fact]
    public async Task A_hang_in_the_body_of_a_2xx_is_accepted_and_the_connection_dropped()
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.AnswerAndHang("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"));

        (await Wire.SendOnceAsync(receiver.Target, Wire.Timeout)).Should().Be(new SendResult(SendOutcome.Accepted, 200));
        await receiver.WaitForAsync(r => r.Closed == 1, Cancellation);
    }

    [Fact]
    public async Task A_dripping_body_of_a_2xx_is_accepted_and_the_connection_dropped()
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x"));

        (await Wire.SendOnceAsync(receiver.Target, Wire.Timeout)).Outcome.Should().Be(SendOutcome.Accepted);
        await receiver.WaitForAsync(r => r.Closed == 1, Cancellation);
    }

    [Fact]
    public async Task A_hang_in_the_body_of_a_refusal_keeps_what_came()
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.AnswerAndHang("HTTP/1.1 500 X\r\nContent-Length: 100\r\n\r\nonly this"));

        (await Wire.SendOnceAsync(receiver.Target, Wire.Timeout)).Should().Be(new SendResult(SendOutcome.Unavailable, 500, "500 X: only this"));
    }

    [Theory]
    [InlineData(200, SendOutcome.Accepted)]
    [InlineData(500, SendOutcome.Unavailable)]
    public async Task Of_an_endless_body_little_is_read_and_the_connection_closed(int status, SendOutcome outcome)
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.EndlessBody(status));

        (await Wire.SendOnceAsync(receiver.Target)).Outcome.Should().Be(outcome);

        // 64 KiB read, the rest is what two kernels hold on to; the exact count is held in AnswerBodyTests.
        await receiver.WaitForAsync(r => r.Closed == 1, Cancellation);
        receiver.BytesSent.Should().BeLessThan(1024 * 1024);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nX-A: 1\r\n")]
    [InlineData("HTTP/1.1 102 Processing\r\n\r\n")]
    public async Task A_hang_before_the_end_of_the_headers_ends_at_the_deadline(string bytes)
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.AnswerAndHang(bytes));

        (await Wire.SendOnceAsync(receiver.Target, Wire.ShortTimeout)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "timeout after 0.3 s", Fault: SendFault.Timeout));
        await receiver.WaitForAsync(r => r.Closed == 1, Cancellation);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nX-A: ", "a")]
    [InlineData("", "HTTP/1.1 102 Processing\r\n\r\n")]
    public async Task Dripping_headers_end_at_the_deadline(string bytes, string drip)
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Drip(bytes, drip));

        (await Wire.SendOnceAsync(receiver.Target, Wire.ShortTimeout)).Error.Should().Be("timeout after 0.3 s");
    }

    [Fact]
    public async Task A_receiver_that_is_down_refuses_and_takes_the_message_when_it_is_back()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);

        await receiver.StopAsync();
        (await sender.SendAsync(Wire.Delivery(), Cancellation)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "connection refused"));

        await receiver.StartAgainAsync();
        (await sender.SendAsync(Wire.Delivery(), Cancellation)).Outcome.Should().Be(SendOutcome.Accepted);
    }

    [Fact]
    public async Task A_receiver_that_goes_down_amid_an_attempt_is_unavailable()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);
        receiver.Hold();

        var attempt = sender.SendAsync(Wire.Delivery(), Cancellation).AsTask();
        await receiver.WaitForAsync(1, Cancellation);
        await receiver.StopAsync();

        (await attempt).Error.Should().BeOneOf("connection reset", "connection closed before an answer");
        receiver.Ledger.Distinct.Should().Be(1);
    }

    [Fact]
    public async Task An_attempt_is_never_repeated_by_the_sender()
    {
        // The first exchange leaves a connection in the pool; the second breaks on it, where HTTP clients like to try again.
        await using var receiver = RawReceiver.Start(async (connection, cancellationToken) =>
        {
            await connection.ReadRequestAsync(cancellationToken);
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", cancellationToken);
            await connection.ReadRequestAsync(cancellationToken);
        });
        await using var sender = Wire.Sender(receiver.Target);

        (await sender.SendAsync(Wire.Delivery(), Cancellation)).Outcome.Should().Be(SendOutcome.Accepted);
        (await sender.SendAsync(Wire.Delivery(), Cancellation)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "connection closed before an answer"));

        receiver.Heads.Should().HaveCount(2);
        receiver.Connections.Should().Be(1);
    }

    [Fact]
    public async Task A_reset_is_unavailable()
    {
        await using var before = RawReceiver.Start(RawBehaviours.ResetBeforeRequest);
        await using var after = RawReceiver.Start(RawBehaviours.ResetAfterRequest);

        (await Wire.SendOnceAsync(before.Target)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "connection reset"));
        (await Wire.SendOnceAsync(after.Target)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "connection reset"));
    }

    [Fact]
    public async Task A_close_without_a_byte_is_unavailable()
    {
        await using var closed = RawReceiver.Start(RawBehaviours.CloseWithoutAByte);
        await using var halfClosed = RawReceiver.Start(RawBehaviours.HalfClose);

        (await Wire.SendOnceAsync(closed.Target)).Error.Should().Be("connection closed before an answer");
        (await Wire.SendOnceAsync(halfClosed.Target)).Error.Should().Be("connection closed before an answer");
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_unavailable() =>
        (await Wire.SendOnceAsync("http://nxdomain.invalid/hook")).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "name not found"));

    [Fact]
    public async Task TLS_to_a_plain_port_is_unavailable()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();

        var result = await Wire.SendOnceAsync($"https://127.0.0.1:{receiver.Port}/hook");

        result.Outcome.Should().Be(SendOutcome.Unavailable);
        result.Error.Should().StartWith("TLS: ");
        receiver.Count.Should().Be(0);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_unavailable()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var receiver = RawReceiver.Start(RawBehaviours.Tls(certificate));

        var result = await Wire.SendOnceAsync($"https://127.0.0.1:{receiver.Port}/hook");

        result.Outcome.Should().Be(SendOutcome.Unavailable);
        result.Error.Should().StartWith("TLS: ");
        receiver.Heads.Should().BeEmpty();
    }

    [Fact]
    public async Task A_TLS_handshake_that_hangs_ends_at_the_deadline()
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Hang);

        (await Wire.SendOnceAsync($"https://127.0.0.1:{receiver.Port}/hook", Wire.ShortTimeout)).Error.Should().Be("timeout after 0.3 s");
    }

    [Fact]
    public async Task A_connect_that_takes_too_long_ends_before_the_deadline()
    {
        await using var receiver = RawReceiver.Start(RawBehaviours.Hang);
        var transport = Wire.Transport(configure: options => options.ConnectTimeout = TimeSpan.FromMilliseconds(200));
        await using var sender = transport.CreateSender(Wire.Publisher($"https://127.0.0.1:{receiver.Port}/hook"), 1);

        (await sender.SendAsync(Wire.Delivery(), Cancellation)).Should().Be(new SendResult(SendOutcome.Unavailable, Error: "timeout while connecting", Fault: SendFault.Unreachable));
    }

    [Fact]
    public async Task A_connect_without_any_answer_ends_at_the_deadline()
    {
        // A full backlog drops further connects on the floor, as a firewall does.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        using var filler = new TcpClient();
        await filler.ConnectAsync((IPEndPoint)deaf.LocalEndPoint!, Cancellation);

        var result = await Wire.SendOnceAsync($"http://{deaf.LocalEndPoint}/hook", Wire.ShortTimeout);

        result.Should().Be(new SendResult(SendOutcome.Unavailable, Error: "timeout after 0.3 s", Fault: SendFault.Timeout));
    }

    [Fact]
    public async Task An_attempt_that_the_caller_cancels_has_no_outcome()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);
        using var drained = new CancellationTokenSource();
        receiver.Hold();

        var attempt = sender.SendAsync(Wire.Delivery(), drained.Token).AsTask();
        await receiver.WaitForAsync(1, Cancellation);
        await drained.CancelAsync();

        (await attempt.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(drained.Token);
        await sender.Invoking(async s => await s.SendAsync(Wire.Delivery(), drained.Token)).Should().ThrowAsync<OperationCanceledException>();
        receiver.Count.Should().Be(1);
    }

    [Fact]
    public async Task What_the_target_has_answered_counts_though_the_caller_cancels()
    {
        using var drained = new CancellationTokenSource();
        using var handler = new CancellingHandler(drained);
        var requests = new HttpRequestBuilder(new Uri("http://receiver.example/"), [], TimeProvider.System);
        await using var sender = new HttpSender(handler, requests, new HttpTransportOptions(), TimeProvider.System);

        (await sender.SendAsync(Wire.Delivery(), drained.Token)).Should().Be(new SendResult(SendOutcome.Accepted, 200));
    }

    [Fact]
    public async Task A_sender_goes_on_after_attempts_that_ran_out_of_time()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Sender(receiver.Target);
        var pipeline = Wire.Pipeline(sender, Wire.Publisher(receiver.Target, Wire.Timeout));
        receiver.Hold();
        (await pipeline.SendAsync(Wire.Delivery(), Cancellation)).Error.Should().Be("timeout after 1 s");

        receiver.ReleaseAll();
        for (var i = 0; i < 5; i++)
        {
            (await pipeline.SendAsync(Wire.Delivery(), Cancellation)).Outcome.Should().Be(SendOutcome.Accepted);
        }
    }

    [Theory]
    [InlineData("not a url")]
    [InlineData("http://receiver.example/\r\nX: 1")]
    [InlineData("http://user:pass@receiver.example/")]
    [InlineData("")]
    public async Task A_publisher_whose_row_is_broken_says_so_and_sends_nothing(string target)
    {
        var result = await Wire.SendOnceAsync(target);

        result.Outcome.Should().Be(SendOutcome.Unavailable);
        result.Error.Should().StartWith("publisher 7 can't send: target ");
    }

    [Fact]
    public async Task A_publisher_with_a_forbidden_header_sends_nothing()
    {
        await using var receiver = await ScriptedReceiver.StartAsync();
        await using var sender = Wire.Transport().CreateSender(Wire.Publisher(receiver.Target, null, ("X-A", "a\r\nX-Injected: 1")), 1);

        (await sender.SendAsync(Wire.Delivery(), Cancellation)).Error.Should().StartWith("publisher 7 can't send: headers is invalid: the value of \"X-A\"");
        receiver.Count.Should().Be(0);
    }

    /// <summary>Answers 200, and has the caller cancel while the body is being read.</summary>
    private sealed class CancellingHandler(CancellationTokenSource caller) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new CancellingStream(caller)) });
    }

    private sealed class CancellingStream(CancellationTokenSource caller) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await caller.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return 0;
        }
    }
}
