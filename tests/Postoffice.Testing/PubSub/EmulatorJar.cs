namespace Postoffice.Testing.PubSub;

/// <summary>Finds Google's emulator, and Java, on this machine.</summary>
internal static class EmulatorJar
{
    /// <summary>The path of the emulator's jar, where it is in none of the usual places.</summary>
    public const string Variable = "POSTOFFICE_TEST_PUBSUB_EMULATOR";

    private const string Pattern = "cloud-pubsub-emulator-*-all.jar";

    // Where the packages of Debian and Fedora, the installer and Homebrew put it.
    private static readonly string[] Roots =
    [
        "/usr/lib/google-cloud-sdk",
        "/usr/lib64/google-cloud-sdk",
        "/opt/homebrew/share/google-cloud-sdk",
        "/usr/local/share/google-cloud-sdk",
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "google-cloud-sdk"),
    ];

    /// <returns>The jar and Java's program, or what is missing.</returns>
    public static (string? Jar, string? Java, string? Reason) Find()
    {
        var jar = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : Roots.Select(NewestBelow).FirstOrDefault(found => found is not null);
        if (jar is null || !File.Exists(jar))
        {
            return (null, null, jar is null ? "the emulator's jar is in none of its usual places" : $"{Variable} names {jar}, which is not there");
        }

        var java = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "java")).FirstOrDefault(File.Exists);
        return java is null ? (null, null, "java is not on the PATH") : (jar, java, null);
    }

    private static string? NewestBelow(string root)
    {
        var folder = Path.Combine(root, "platform", "pubsub-emulator", "lib");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, Pattern).Order(StringComparer.Ordinal).LastOrDefault() : null;
    }
}
