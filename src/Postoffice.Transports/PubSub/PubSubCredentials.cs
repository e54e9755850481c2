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

    /// <summary>How long the machine's own account may take to answer where Google's library has found none: it is close by.</summary>
    private static readonly TimeSpan MachineTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<ITokenAccessWithHeaders>? _loading;

    /// <summary>How long one request for a token may take.</summary>
    /// <value>10 seconds.</value>
    public TimeSpan TokenTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The token that a call bears now, with what else belongs to it.</summary>
    /// <param name="uri">Whom the call is for.</param>
    /// <param name="cancellationToken">Cancelled when the attempt's time is over.</param>
    public async Task<Grant> GetAsync(Uri uri, CancellationToken cancellationToken)
    {
        var loading = LoadOnceAsync();
        var credential = await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new Grant(await credential.GetAccessTokenWithHeadersForRequestAsync(uri.AbsoluteUri, cancellationToken).ConfigureAwait(false), loading);
        }
        catch (TokenResponseException)
        {
            // A key that is taken no longer may have been replaced in its file.
            Forget(loading);
            throw;
        }
    }

    /// <summary>The service takes the token no longer, though its time is not over: the next call has another. Of calls that bore the same one the first does it.</summary>
    public void Forget(Grant refused) => Forget(refused.Source);

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

    private async Task<ITokenAccessWithHeaders> LoadAsync(string? given)
    {
        // Google's own look around remembers what it has found, or that there was nothing, for as long as the process lives: hence files are read here.
        var path = given ?? FileOfGcloud();
        return path is null
            ? await LoadOfMachineAsync().ConfigureAwait(false)
            : Scoped(await CredentialFactory.FromFileAsync(path, await TypeOfAsync(path).ConfigureAwait(false), CancellationToken.None).ConfigureAwait(false));
    }

    private async Task<ITokenAccessWithHeaders> LoadOfMachineAsync()
    {
        try
        {
            return Scoped(await GoogleCredential.GetApplicationDefaultAsync().ConfigureAwait(false));
        }
        catch (InvalidOperationException) when (Environment.GetEnvironmentVariable("NO_GCE_CHECK") != "true")
        {
            // A new pod has to wait some seconds for what knows its account. So it is asked again, for a token; there is no account when there is none.
            ITokenAccessWithHeaders machine = Scoped(GoogleCredential.FromComputeCredential());
            try
            {
                await machine.GetAccessTokenForRequestAsync().WaitAsync(MachineTimeout).ConfigureAwait(false);
                return machine;
            }
            catch (Exception exception) when (exception is HttpRequestException or TimeoutException or TokenResponseException)
            {
                // What Google's library has said names more that can be done.
            }

            throw;
        }
    }

    private GoogleCredential Scoped(GoogleCredential credential) => credential.CreateScoped(Scope).CreateWithHttpClientFactory(new TokenClients(TokenTimeout));

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

    /// <summary>A token, and what it came from.</summary>
    internal readonly record struct Grant(AccessTokenWithHeaders Token, Task<ITokenAccessWithHeaders> Source);
}
