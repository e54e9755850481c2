using System.Text;
using System.Text.Json;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.Dashboard.Tests.Worlds;

/// <summary>
/// A corner shop's mail in all states at once. Made by <see cref="CreateAsync"/>, which makes topics and publishers, and <see cref="FillAsync"/>, which sends the
/// messages and waits until all stands as it is described here; then nothing moves any more, but for the probes of <see cref="Ledger"/>.
/// </summary>
internal sealed class World
{
    /// <summary>A topic with messages and publishers, another that has neither.</summary>
    public const string Orders = "orders", Unused = "drafts";

    private readonly PostofficeClient _client;
    private readonly ScriptedReceiver _receiver;

    private World(PostofficeClient client, ScriptedReceiver receiver)
    {
        _client = client;
        _receiver = receiver;
    }

    /// <summary>Delivers everything.</summary>
    public long Warehouse { get; private set; }

    /// <summary>Paused by hand, with a replay that goes on when it is resumed.</summary>
    public long Newsletter { get; private set; }

    /// <summary>Two of its ordering keys wait behind a dead letter.</summary>
    public long Accounting { get; private set; }

    /// <summary>Its receiver is down.</summary>
    public long Ledger { get; private set; }

    /// <summary>Has one delivery that is parked for an hour.</summary>
    public long Archive { get; private set; }

    /// <summary>Its rate limit is used up.</summary>
    public long Crm { get; private set; }

    /// <summary>Has a filter, headers and dead letters of another group.</summary>
    public long Welcome { get; private set; }

    /// <summary>Delivered by all publishers of its topic.</summary>
    public Guid Delivered { get; private set; }

    /// <summary>Delivered by one publisher; the other's receiver is down.</summary>
    public Guid Waiting { get; private set; }

    public Guid Parked { get; private set; }

    public Guid Dead { get; private set; }

    /// <summary>Behind <see cref="Dead"/>, of the same ordering key.</summary>
    public Guid Behind { get; private set; }

    public Guid Scheduled { get; private set; }

    /// <summary>Of a topic that has no publisher.</summary>
    public Guid Unread { get; private set; }

    public static async Task<World> CreateAsync(PostofficeClient client, ScriptedReceiver receiver, CancellationToken cancellationToken)
    {
        var world = new World(client, receiver);
        foreach (var topic in (string[])[Orders, "invoices", "signups", "returns", Unused])
        {
            await client.PostJsonAsync("/api/topics", $$"""{"name":"{{topic}}","origin_host":"shop.example"}""", cancellationToken);
        }

        world.Warehouse = await world.AddAsync(Orders, "warehouse", "", cancellationToken);
        world.Newsletter = await world.AddAsync(Orders, "newsletter", "", cancellationToken);
        world.Accounting = await world.AddAsync(Orders, "accounting", ""","ordering":"key","on_key_failure":"block","max_attempts":1""", cancellationToken);
        world.Ledger = await world.AddAsync("invoices", "ledger", ""","seconds_retry":3600,"max_demand":3""", cancellationToken);
        world.Archive = await world.AddAsync("invoices", "archive", ""","seconds_retry":3600""", cancellationToken);
        world.Crm = await world.AddAsync("signups", "crm", ""","rate_limit":{"permits":2,"per_seconds":3600}""", cancellationToken);
        world.Welcome = await world.AddAsync(
            "signups", "welcome", ""","max_attempts":1,"headers":{"X-Shop":"corner"},"filter":{"attributes":{"region":["eu","uk"]}}""", cancellationToken);
        receiver.AnswerBy(Answer);
        return world;
    }

    public async Task FillAsync(CancellationToken cancellationToken)
    {
        foreach (var number in Enumerable.Range(1, 6))
        {
            Delivered = await OrderAsync(number, $"customer-{number}", cancellationToken);
        }

        await UntilAsync(async () => (await _client.GetMessageAsync(Delivered, cancellationToken)).Deliveries.All(delivery => delivery.State == "delivered"), cancellationToken);
        await _client.PatchPublisherAsync(Newsletter, """{"active":false}""", cancellationToken);
        await _client.PostJsonAsync($"/api/publishers/{Newsletter}/replay", """{"position":1}""", cancellationToken);

        await OrderAsync(7, "customer-9", cancellationToken, isRefused: true);
        await OrderAsync(8, "customer-9", cancellationToken);
        Dead = await OrderAsync(9, "customer-7", cancellationToken, isRefused: true);
        Behind = await OrderAsync(10, "customer-7", cancellationToken);
        foreach (var number in Enumerable.Range(11, 4))
        {
            await OrderAsync(number, $"customer-{number}", cancellationToken);
        }

        await InvoicesAsync(cancellationToken);
        await SignupsAsync(cancellationToken);
        Unread = await PostAsync("returns", """{"item":"umbrella","why":"too small"}""", "{}", null, cancellationToken);
        Scheduled = await _client.ScheduleAsync(Orders, """{"item":"christmas tree","pieces":1}""", DateTimeOffset.UtcNow.AddDays(30), cancellationToken);
        await SettleAsync(cancellationToken);
    }

    /// <summary>Waits until something holds; looks often, so that a test goes on at once.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        using var rhythm = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!await holds())
        {
            await rhythm.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task InvoicesAsync(CancellationToken cancellationToken)
    {
        Parked = await PostAsync("invoices", """{"invoice":5001,"total":"19.90","format":"unknown"}""", """{"region":"eu"}""", null, cancellationToken);
        foreach (var number in Enumerable.Range(5002, 14))
        {
            Waiting = await PostAsync("invoices", $$"""{"invoice":{{number}},"total":"{{number % 90}}.50","format":"pdf"}""", """{"region":"eu"}""", null, cancellationToken);
        }
    }

    private async Task SignupsAsync(CancellationToken cancellationToken)
    {
        foreach (var (number, region) in new[] { "eu", "us", "uk", "eu", "us" }.Index())
        {
            await PostAsync("signups", $$"""{"name":"Visitor {{number + 1}}","mailbox":"{{(number is 0 or 3 ? "missing" : "full")}}"}""", $$"""{"region":"{{region}}"}""", null, cancellationToken);
        }
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(async () => await _client.GetPublisherAsync(Warehouse, cancellationToken) is { Lag: 0, Parked: 0, Dead: 0 }, cancellationToken);
        await UntilAsync(async () => await _client.GetPublisherAsync(Accounting, cancellationToken) is { Lag: 0, Parked: 2, Dead: 2 }, cancellationToken);
        await UntilAsync(async () => await _client.GetPublisherAsync(Archive, cancellationToken) is { Lag: 0, Parked: 1 }, cancellationToken);
        await UntilAsync(async () => await _client.GetPublisherAsync(Crm, cancellationToken) is { Lag: 3 }, cancellationToken);
        await UntilAsync(async () => await _client.GetPublisherAsync(Welcome, cancellationToken) is { Lag: 0, Dead: 2 }, cancellationToken);

        // What a node says of its publishers reaches the overview with its next renewal.
        await UntilAsync(
            async () =>
            {
                var overview = await _client.GetJsonAsync("/api/overview", cancellationToken);
                var reasons = overview.GetProperty("attention").EnumerateArray().Select(row => row.GetProperty("reason").GetString());
                return overview.GetProperty("latency").ValueKind != JsonValueKind.Null
                    && reasons.ToHashSet().IsSupersetOf(["breaker_open", "paused", "blocked_keys", "dead_letters", "rate_limited"]);
            },
            cancellationToken);
    }

    private static ScriptedAnswer? Answer(ReceivedRequest request) => request.Path switch
    {
        "/ledger" => new ScriptedAnswer(503).WithBody("The ledger is closed for stocktaking."),
        "/archive" when Says(request, "unknown") => new ScriptedAnswer(500).WithBody("No converter for this format."),
        "/accounting" when Says(request, "voucher") => new ScriptedAnswer(422).WithBody("""{"error":"voucher is not a payment method"}"""),
        "/welcome" when Says(request, "missing") => new ScriptedAnswer(404).WithBody("There is no such mailbox."),
        _ => null,
    };

    private static bool Says(ReceivedRequest request, string text) => Encoding.UTF8.GetString(request.Body).Contains(text, StringComparison.Ordinal);

    private Task<Guid> OrderAsync(int number, string customer, CancellationToken cancellationToken, bool isRefused = false) => PostAsync(
        Orders,
        $$"""{"order":{{1000 + number}},"customer":"{{customer}}","items":[{"item":"umbrella","pieces":{{number}}}],"paid_by":"{{(isRefused ? "voucher" : "card")}}"}""",
        """{"kind":"order.placed","region":"eu"}""",
        customer,
        cancellationToken);

    private async Task<long> AddAsync(string topic, string path, string more, CancellationToken cancellationToken)
    {
        var target = new Uri(new Uri(_receiver.Target), path);
        var publisher = await _client.PostJsonAsync("/api/publishers", $$"""{"active":true,"topic":"{{topic}}","type":"http","target":"{{target}}"{{more}}}""", cancellationToken);
        return publisher.GetProperty("id").GetInt64();
    }

    private async Task<Guid> PostAsync(string topic, string payload, string attributes, string? key, CancellationToken cancellationToken)
    {
        var ordering = key is null ? "" : $",\"ordering_key\":\"{key}\"";
        var message = await _client.PostJsonAsync("/api/messages", $$"""{"topic":"{{topic}}","payload":{{payload}},"attributes":{{attributes}}{{ordering}}}""", cancellationToken);
        return message.GetProperty("id").GetGuid();
    }
}
