using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
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
        var loading = LoadOnceAsync();
        var credential = await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await credential.GetAccessTokenWithHeadersForRequestAsync(uri.AbsoluteUri, cancellationToken).ConfigureAwait(false);
        }
        catch (TokenResponseException)
        {
            // A key that is taken no longer may have been replaced in its file.
            Forget(loading);
            throw;
        }
    }

    private Task<ITokenAccessWithHeaders> LoadOnceAsync()
    {
        lock (_lock)
        {
            // What could not be loaded may be there the next time.
            return _loading is null or { IsFaulted: true } or { IsCanceled: true } ? _loading = LoadAsync(options.Value.CredentialsFile) : _loading;
        }
    }

    private void Forget(Task<ITokenAccessWithHeaders> loaded)
    {
        lock (_lock)
        {
            _loading = _loading == loaded ? null : _loading;
        }
    }

    private static async Task<ITokenAccessWithHeaders> LoadAsync(string? given)
    {
        // Google's own look around remembers what it has found, or that there was nothing, for as long as the process lives: hence files are read here.
        var path = given ?? FileOfGcloud();
        var credential = path is null
            ? await GoogleCredential.GetApplicationDefaultAsync().ConfigureAwait(false)
            : await CredentialFactory.FromFileAsync(path, await TypeOfAsync(path).ConfigureAwait(false), CancellationToken.None).ConfigureAwait(false);
        return credential.CreateScoped(Scope);
    }

    /// <returns>What <c>gcloud auth application-default login</c> has left for its user; null when there is nothing.</returns>
    private static string? FileOfGcloud()
    {
        var settings = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        var path = Path.Combine(settings, "gcloud", "application_default_credentials.json");
        return File.Exists(path) ? path : null;
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
