using System.Globalization;
using Postoffice.Testing.Hosting;

namespace Postoffice.Load.Reports;

/// <summary>Keeps a report in <c>benchmarks/results</c>.</summary>
internal static class ReportFile
{
    /// <returns>The path, from the folder of the solution.</returns>
    public static string Write(string report, string name)
    {
        var date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var path = Path.Combine("benchmarks", "results", $"{date}-{name}.md");
        Directory.CreateDirectory(Path.Combine(BuiltProject.RepositoryRoot, "benchmarks", "results"));
        File.WriteAllText(Path.Combine(BuiltProject.RepositoryRoot, path), report);
        return path;
    }
}
