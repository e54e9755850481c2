using System.Globalization;

namespace Postoffice.Storage.Postgres;

/// <summary>One step of the schema: an embedded file <c>Migrations/0001_initial.sql</c>, whose number is its version.</summary>
/// <param name="Version">1, 2, 3 … without a gap.</param>
/// <param name="Name">The file's name without the extension.</param>
/// <param name="Sql">What it does.</param>
internal sealed record Migration(int Version, string Name, string Sql)
{
    private const string Prefix = "Postoffice.Storage.Postgres.Migrations.";
    private const string Extension = ".sql";

    /// <summary>All that this build knows, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load();

    private static Migration[] Load()
    {
        var assembly = typeof(Migration).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal) && resource.EndsWith(Extension, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(resource =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                    var name = resource[Prefix.Length..^Extension.Length];
                    return new Migration(int.Parse(name[..4], CultureInfo.InvariantCulture), name, reader.ReadToEnd());
                }),
        ];
    }
}
