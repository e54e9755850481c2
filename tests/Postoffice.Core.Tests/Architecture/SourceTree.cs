using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Postoffice.Core.Tests.Architecture;

/// <summary>The projects under <c>src</c> as they are written, for tests that read them.</summary>
internal static class SourceTree
{
    public static IReadOnlyList<SourceProject> Projects { get; } =
        [.. Directory.EnumerateDirectories(Path.Combine(FindRoot(), "src")).Order(StringComparer.Ordinal).Select(folder => new SourceProject(folder))];

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Postoffice.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException($"There is no Postoffice.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>One project under <c>src</c>.</summary>
internal sealed class SourceProject
{
    private readonly string _folder;
    private readonly XDocument _project;

    public SourceProject(string folder)
    {
        _folder = folder;
        Name = Path.GetFileName(folder);
        _project = XDocument.Load(Path.Combine(folder, Name + ".csproj"));
        Files = [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => new SourceFile(Path.GetRelativePath(folder, path).Replace('\\', '/'), File.ReadAllText(path)))
            .Where(file => !file.Path.StartsWith("bin/", StringComparison.Ordinal) && !file.Path.StartsWith("obj/", StringComparison.Ordinal))];
    }

    public string Name { get; }

    public string RootNamespace => _project.Descendants("RootNamespace").SingleOrDefault()?.Value ?? Name;

    public IReadOnlyList<SourceFile> Files { get; }

    /// <summary>The names of the projects that it references.</summary>
    public IEnumerable<string> ProjectReferences => Included("ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    public IEnumerable<string> PackageReferences => Included("PackageReference");

    public IEnumerable<string> FrameworkReferences => Included("FrameworkReference");

    /// <returns>The lines of one of its files that promise something; null when there is no such file.</returns>
    public IReadOnlyList<string>? ReadPublicApi(string file)
    {
        var path = Path.Combine(_folder, file);
        return File.Exists(path) ? [.. File.ReadLines(path).Where(line => line.Length > 0 && !line.StartsWith('#'))] : null;
    }

    private IEnumerable<string> Included(string item) => _project.Descendants(item).Select(element => element.Attribute("Include")!.Value);
}

/// <param name="Path">Relative to the project's folder, with slashes.</param>
/// <param name="Text">What it holds.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>The declared namespace; null for a file of top-level statements or global usings.</summary>
    public string? Namespace => NamespaceLine().Match(Text) is { Success: true } match ? match.Groups[1].Value : null;

    public bool HasPublicType => PublicTypeLine().IsMatch(Text);

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^public\s+(?:(?:static|sealed|abstract|readonly|partial|ref|unsafe)\s+)*(?:class|record|struct|interface|enum|delegate)\b", RegexOptions.Multiline)]
    private static partial Regex PublicTypeLine();
}
