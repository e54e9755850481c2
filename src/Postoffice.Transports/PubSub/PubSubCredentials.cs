using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Options;

namespace Postoffice.Transports.PubSub;

/// <summary>
/// The node's access tokens, by Google's usual rules; one for all publishers. Tokens are kept, and fetched anew some minutes before they expire, by Google's own
/// library. Nothing of them is ever logged.
/// </summary>
internal sealed class PubSubCredentials(IOptions<PubSubTransportOptions> options)
{
    private const string Scope = "https://www.googleapis.com/auth/pubsub";

    private readonly Lock _lock = new();
    private Task<ITokenAccessWithHeaders>? _loading;

    /// <summary>The token that a call bears now, with what else belongs to it.</summary>
    /// <param name="uri">Whom the call is for.</param>
    /// <param name="cancellationToken">Cancelled when the attempt's time is over.</param>
    public async Task<AccessTokenWithHeaders> GetAsync(Uri uri, CancellationToken cancellationToken)
    {
        var credential = await LoadOnceAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return await credential.GetAccessTokenWithHeadersForRequestAsync(uri.AbsoluteUri, cancellationToken).ConfigureAwait(false);
    }

    private Task<ITokenAccessWithHeaders> LoadOnceAsync()
    {
        lock (_lock)
        {
            // What could not be loaded may be there the next time.
            return _loading is null or { IsFaulted: true } or { IsCanceled: true } ? _loading = LoadAsync(options.Value.CredentialsFile) : _loading;
        }
    }

    private static async Task<ITokenAccessWithHeaders> LoadAsync(string? path)
    {
        // Google's own look at the environment remembers a failure for as long as the process lives, hence the file is read here.
        var credential = path is null
            ? await GoogleCredential.GetApplicationDefaultAsync().ConfigureAwait(false)
            : await CredentialFactory.FromFileAsync(path, await TypeOfAsync(path).ConfigureAwait(false), CancellationToken.None).ConfigureAwait(false);
        return credential.CreateScoped(Scope);
    }

    private static async Task<string> TypeOfAsync(string path)
    {
        var file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            using var json = await JsonDocument.ParseAsync(file).ConfigureAwait(false);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                ? type.GetString()!
                : throw new InvalidOperationException("it has no \"type\"");
        }
    }
}
