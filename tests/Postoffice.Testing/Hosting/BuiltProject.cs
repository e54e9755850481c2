using System.Runtime.InteropServices;

namespace Postoffice.Testing.Hosting;

/// <summary>Finds what the build made of another project, in the configuration of the running program.</summary>
public static class BuiltProject
{
    /// <summary>The folder of the solution.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The <c>dotnet</c> that runs this program.</summary>
    public static string DotnetPath { get; } = FindDotnet();

    /// <returns>The path of the project's assembly.</returns>
    /// <exception cref="FileNotFoundException">It is not built in this configuration.</exception>
    public static string Find(string folder, string project)
    {
        // …/bin/<configuration>/<framework>/ of the running program
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(RepositoryRoot, folder, project, "bin", output.Parent!.Name, output.Name, project + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{project} is not built: run dotnet build -c {output.Parent.Name} first.", path);
    }

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

    // The runtime is in <dotnet>/shared/Microsoft.NETCore.App/<version>/.
    private static string FindDotnet()
    {
        var path = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(path) ? path : "dotnet";
    }
}
