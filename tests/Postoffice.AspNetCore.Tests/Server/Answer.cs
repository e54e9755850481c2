using System.Net.Http.Headers;
using System.Text.Json;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>What the server answered, read to the end.</summary>
internal sealed record Answer(int Status, string? ContentType, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public JsonElement Data => Json.GetProperty("data");

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, response.Headers, response.Content.Headers);
        }
    }

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    /// <summary>That it is the problem that is meant, in the form that is promised.</summary>
    public void ShouldBeProblem(int status, string slug)
    {
        Status.Should().Be(status, "the answer was {0}", Body);
        ContentType.Should().Be("application/problem+json");
        Json.GetProperty("type").GetString().Should().Be("urn:postoffice:problem:" + slug);
        Json.GetProperty("status").GetInt32().Should().Be(status);
        Json.GetProperty("title").GetString().Should().NotBeNullOrEmpty();
        Json.GetProperty("detail").GetString().Should().NotBeNullOrEmpty();
        Header("X-Content-Type-Options").Should().Be("nosniff");
    }

    /// <summary>That <paramref name="message"/> is among what is wrong with <paramref name="field"/>, in both places where clients look.</summary>
    public void ShouldHaveError(string field, string message)
    {
        Messages(Json.GetProperty("errors"), field).Should().Contain(message);
        Messages(Data.GetProperty("errors"), field).Should().Contain(message);
    }

    private static IEnumerable<string?> Messages(JsonElement errors, string field) => errors.GetProperty(field).EnumerateArray().Select(message => message.GetString());
}
