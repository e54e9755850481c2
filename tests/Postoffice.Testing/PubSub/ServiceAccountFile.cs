using System.Security.Cryptography;
using System.Text.Json;

namespace Postoffice.Testing.PubSub;

/// <summary>A service account's key as Google hands it out, in a file of its own; the key was made a moment ago.</summary>
public sealed class ServiceAccountFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postoffice-account-").FullName;
    private readonly string _json;

    /// <param name="tokenEndpoint">Where tokens are to be had for it.</param>
    public ServiceAccountFile(Uri tokenEndpoint)
    {
        using var key = RSA.Create(2048);
        PrivateKey = key.ExportPkcs8PrivateKeyPem();
        Path = System.IO.Path.Combine(_folder, "account.json");
        _json = JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["type"] = "service_account",
            ["project_id"] = "test-project",
            ["private_key_id"] = "test-key",
            ["private_key"] = PrivateKey,
            ["client_email"] = "postoffice@test-project.example",
            ["client_id"] = "1",
            ["token_uri"] = tokenEndpoint.AbsoluteUri,
        });
        Write();
    }

    public string Path { get; }

    /// <summary>The key, as PEM.</summary>
    public string PrivateKey { get; }

    /// <summary>Puts the file where it was, after somebody has deleted it.</summary>
    public void Write() => File.WriteAllText(Path, _json);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
