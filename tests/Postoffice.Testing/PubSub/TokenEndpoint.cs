using System.Net;
using System.Text;
using Postoffice.Testing.Receivers;

namespace Postoffice.Testing.PubSub;

/// <summary>Hands out access tokens as Google's does, and writes down for which assertions: <c>test-token-1</c>, <c>test-token-2</c>, ….</summary>
public sealed class TokenEndpoint : IAsyncDisposable
{
    private readonly ScriptedReceiver _receiver;
    private int _tokens;

    private TokenEndpoint(ScriptedReceiver receiver)
    {
        _receiver = receiver;
        _receiver.AnswerBy(_ => Refusal ?? Grant());
    }

    public Uri Address => new($"http://127.0.0.1:{_receiver.Port}/token");

    /// <summary>How long a token is valid. Google's library fetches another when less than 225 seconds are left.</summary>
    public TimeSpan ExpiresIn { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What is said instead of a grant; null to grant.</summary>
    public ScriptedAnswer? Refusal { get; set; }

    /// <summary>How many requests have come.</summary>
    public int Count => _receiver.Count;

    /// <summary>The forms that were sent, decoded.</summary>
    public IReadOnlyList<string> Forms => [.. _receiver.Requests.Select(request => WebUtility.UrlDecode(Encoding.UTF8.GetString(request.Body)))];

    public static async Task<TokenEndpoint> StartAsync() => new(await ScriptedReceiver.StartAsync());

    /// <summary>The endpoint's answer to a key that it does not take.</summary>
    public static ScriptedAnswer InvalidGrant { get; } = Json(400, """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""");

    public Task WaitForAsync(int count, CancellationToken cancellationToken) => _receiver.WaitForAsync(count, cancellationToken);

    public Task StopAsync() => _receiver.StopAsync();

    public Task StartAgainAsync() => _receiver.StartAgainAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    private ScriptedAnswer Grant() => Json(
        200, $$"""{"access_token":"test-token-{{Interlocked.Increment(ref _tokens)}}","expires_in":{{(int)ExpiresIn.TotalSeconds}},"token_type":"Bearer"}""");

    private static ScriptedAnswer Json(int status, string body) => new ScriptedAnswer(status).WithHeader("Content-Type", "application/json").WithBody(body);
}
