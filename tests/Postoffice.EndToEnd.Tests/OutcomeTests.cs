using System.Globalization;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.EndToEnd.Tests;

/// <summary>Every row of the outcome table, from the wire to the API: what a receiver says first, and what becomes of the message.</summary>
public sealed class OutcomeTests : EndToEndTest
{
    // Far enough to be no date gone by, near enough to be waited for.
    private static string InTwoSeconds => TimeProvider.System.GetUtcNow().AddSeconds(3).ToString("r", CultureInfo.InvariantCulture);

    public static TheoryData<string> Rows => [.. Table().Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task What_a_receiver_says_decides_what_follows(string name)
    {
        var row = Table().Single(row => row.Name == name);
        var receiver = await StartReceiverAsync();
        var other = await StartReceiverAsync();
        var host = await StartHostAsync(await CreateStorageAsync(StorageKind.Sqlite));
        await host.Client.CreateTopicAsync("orders", Cancel);
        await row.Prepare(receiver, other);
        var publisher = await host.Client.CreatePublisherAsync(
            new NewPublisherView("orders", new Uri(receiver.Target)) { SecondsRetry = 1, SecondsTimeout = 1, MaxAttempts = row.MaxAttempts }, Cancel);
        var message = await host.Client.PostMessageAsync("orders", """{"number":1}""", Cancel);

        DeliveryView? delivery = null;
        var afterFailure = row.AfterFailure;
        await UntilAsync(async () =>
        {
            delivery = (await host.Client.GetMessageAsync(message.Id, Cancel)).Deliveries.Single();
            if (delivery.FailedAttempts.Count > 0 && afterFailure is { } next)
            {
                afterFailure = null;
                await next(receiver);
            }

            return delivery.State == row.State;
        });

        delivery!.FailedAttempts.Select(failed => failed.StatusCode).Should().Equal(row.StatusCode is { } code ? [code == 0 ? null : code] : []);
        foreach (var failed in delivery.FailedAttempts)
        {
            failed.Error.Should().Contain(row.Error);
        }

        delivery.Attempts.Should().Be(row.Attempts);
        if (row.AtLeast is { } pause)
        {
            (receiver.Requests[^1].ReceivedAt - delivery.FailedAttempts[0].At).Should().BeGreaterThan(pause);
        }

        other.Count.Should().Be(0, "nobody is redirected");
        if (row.State == "parked")
        {
            await UntilAsync(async () => await host.Client.GetPublisherAsync(publisher.Id, Cancel) is { Active: false, PausedReason: "gone" });
        }
    }

    private static IEnumerable<Row> Table()
    {
        foreach (var status in new[] { 408, 425, 429, 500, 502, 503, 504, 400, 401, 404, 422 })
        {
            yield return new Row(status.ToString(CultureInfo.InvariantCulture), First(new(status)), StatusCode: status, Error: status.ToString(CultureInfo.InvariantCulture));
        }

        yield return new Row("200", First(new(200)), StatusCode: null, Attempts: 1);
        yield return new Row("204", First(new(204)), StatusCode: null, Attempts: 1);
        yield return new Row("429 with Retry-After in seconds", First(new ScriptedAnswer(429).WithHeader("Retry-After", "2")), 429, "429") { AtLeast = TimeSpan.FromSeconds(1.8) };
        yield return new Row("503 with Retry-After as a date", First(new ScriptedAnswer(503).WithHeader("Retry-After", InTwoSeconds)), 503, "503") { AtLeast = TimeSpan.FromSeconds(1.5) };
        yield return new Row(
            "302", (receiver, other) => First(new ScriptedAnswer(302).WithHeader("Location", other.Target))(receiver, other), StatusCode: 302, Error: "302");
        yield return new Row("connection closed", First(ScriptedAnswer.Abort), StatusCode: 0, Error: "");
        yield return new Row("connection refused", (receiver, _) => receiver.StopAsync(), StatusCode: 0, Error: "refused")
        {
            AfterFailure = receiver => receiver.StartAgainAsync(),
        };
        yield return new Row("timeout", Hold, StatusCode: 0, Error: "timeout after 1 s")
        {
            AfterFailure = receiver =>
            {
                receiver.ReleaseAll();
                return Task.CompletedTask;
            },
        };
        yield return new Row("410", First(new(410)), StatusCode: 410, Error: "410", State: "parked", Attempts: 1);
        yield return new Row("attempts run out", First(new(400)), StatusCode: 400, Error: "400", State: "dead_lettered", Attempts: 1, MaxAttempts: 1);
    }

    private static Func<ScriptedReceiver, ScriptedReceiver, Task> First(ScriptedAnswer answer) => (receiver, _) =>
    {
        receiver.Enqueue(answer);
        return Task.CompletedTask;
    };

    private static Task Hold(ScriptedReceiver receiver, ScriptedReceiver other)
    {
        receiver.Hold();
        return Task.CompletedTask;
    }

    /// <param name="Name">What the receiver says first; 200 after that.</param>
    /// <param name="Prepare">Tells it so; the second receiver is where nobody may be sent to.</param>
    /// <param name="StatusCode">What the failed attempt shows; 0 for no answer; null when none fails.</param>
    /// <param name="Error">What its error contains.</param>
    /// <param name="State">How the delivery stands in the end.</param>
    /// <param name="Attempts">After so many attempts.</param>
    /// <param name="MaxAttempts">The publisher's limit.</param>
    private sealed record Row(
        string Name,
        Func<ScriptedReceiver, ScriptedReceiver, Task> Prepare,
        int? StatusCode,
        string Error = "",
        string State = "delivered",
        int Attempts = 2,
        int? MaxAttempts = null)
    {
        /// <summary>What happens to the receiver once an attempt has failed.</summary>
        public Func<ScriptedReceiver, Task>? AfterFailure { get; init; }

        /// <summary>The second attempt comes so long after the first has failed, at least.</summary>
        public TimeSpan? AtLeast { get; init; }
    }
}
