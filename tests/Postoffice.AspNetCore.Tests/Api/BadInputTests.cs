using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Postoffice.AspNetCore.Tests.Server;

namespace Postoffice.AspNetCore.Tests.Api;

/// <summary>Requests that break a rule, and some beside them that only look so: folder <c>BadInputs</c>, one case a line.</summary>
public sealed class BadInputTests(BadInputTests.Seeded seeded) : IClassFixture<BadInputTests.Seeded>
{
    private static readonly JsonSerializerOptions CaseJson = new(JsonSerializerDefaults.Web);

    public static IEnumerable<TheoryDataRow<BadInput>> Cases { get; } =
        from area in new[] { "json", "topic", "publisher", "message", "bulk", "schedule", "dead_letters", "replay", "search" }
        from bad in Read(area)
        select new TheoryDataRow<BadInput>(bad) { TestDisplayName = $"{area}: {bad.Why}" };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public async Task Is_answered_as_the_table_says(BadInput bad)
    {
        var answer = await seeded.Server.SendAsync(bad.ToRequest(seeded.PublisherId));

        if (bad.Problem is null)
        {
            answer.Status.Should().Be(bad.Status, "the answer was {0}", answer.Body);
            answer.ContentType.Should().Be("application/json");
            return;
        }

        answer.ShouldBeProblem(bad.Status, bad.Problem);
        if (bad.Field is not null)
        {
            answer.Json.GetProperty("errors").TryGetProperty(bad.Field, out _).Should().BeTrue("the answer was {0}", answer.Body);
            answer.Data.GetProperty("errors").TryGetProperty(bad.Field, out _).Should().BeTrue();
        }
    }

    private static BadInput[] Read(string area)
    {
        using var stream = typeof(BadInputTests).Assembly.GetManifestResourceStream(area + ".json")!;
        return JsonSerializer.Deserialize<BadInput[]>(stream, CaseJson)!;
    }

    public sealed class Seeded : IAsyncLifetime
    {
        internal ApiServer Server { get; } = new(null, PubSub.Install);

        /// <summary>What <c>{publisher}</c> in a path stands for.</summary>
        internal long PublisherId { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await Server.InitializeAsync();
            foreach (var topic in new[] { "t", "dup-topic", "pubsub-topic" })
            {
                (await Server.PostAsync("/api/topics", $$"""{"name":"{{topic}}","origin_host":"sender.example"}""")).Status.Should().Be(201);
            }

            PublisherId = (await Server.PostAsync(
                "/api/publishers", """{"active":false,"topic":"dup-topic","type":"http","target":"https://receiver.example/first"}""")).Data.GetProperty("id").GetInt64();
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    public sealed record BadInput(
        string Why, string Path, Dictionary<string, string?>? Headers, string? Body, int Status, string? Problem, string? Field, string Method = "POST")
    {
        public HttpRequestMessage ToRequest(long publisherId)
        {
            var request = new HttpRequestMessage(new HttpMethod(Method), Path.Replace("{publisher}", $"{publisherId}", StringComparison.Ordinal));
            if (Body is null)
            {
                return request;
            }

            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            foreach (var (name, value) in Headers ?? [])
            {
                request.Content.Headers.Remove(name.StartsWith("Content-", StringComparison.Ordinal) ? name : "Content-None");
                if (value is not null && !request.Headers.TryAddWithoutValidation(name, value))
                {
                    request.Content.Headers.TryAddWithoutValidation(name, value);
                }
            }

            return request;
        }

        public override string ToString() => Why;
    }
}
