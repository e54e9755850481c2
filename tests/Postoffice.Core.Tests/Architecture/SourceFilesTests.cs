namespace Postoffice.Core.Tests.Architecture;

/// <summary>What every project under <c>src</c> keeps to.</summary>
public sealed class SourceFilesTests
{
    // Where an application's author looks for Add… and Use… methods.
    private static readonly string[] NamespacesOfTheHostApplication = ["Microsoft.Extensions.DependencyInjection", "Microsoft.AspNetCore.Builder"];

    [Fact]
    public void A_namespace_is_its_folder()
    {
        var files = SourceTree.Projects.SelectMany(project => project.Files, (Project, File) => (Project, File)).ToList();
        files.Should().NotBeEmpty();

        files.Where(entry => !IsInItsFolder(entry.Project, entry.File))
            .Select(entry => $"{entry.Project.Name}/{entry.File.Path}: {entry.File.Namespace}")
            .Should().BeEmpty();
    }

    [Fact]
    public void A_library_keeps_its_public_api_as_text()
    {
        foreach (var project in SourceTree.Projects.Where(project => project.Name != "Postoffice.Host"))
        {
            var shipped = project.ReadPublicApi("PublicAPI.Shipped.txt");
            var unshipped = project.ReadPublicApi("PublicAPI.Unshipped.txt");

            shipped.Should().NotBeNull("{0} must have the file", project.Name);
            unshipped.Should().NotBeNull("{0} must have the file", project.Name);
            if (project.Files.Any(file => file.HasPublicType))
            {
                shipped!.Concat(unshipped!).Should().NotBeEmpty("{0} has public types", project.Name);
            }
        }
    }

    [Fact]
    public void The_host_is_no_library() =>
        SourceTree.Projects.Single(project => project.Name == "Postoffice.Host").Files.Where(file => file.HasPublicType).Should().BeEmpty();

    private static bool IsInItsFolder(SourceProject project, SourceFile file)
    {
        var folder = Path.GetDirectoryName(file.Path)!.Replace('\\', '/');
        var isOutermost = folder is "" or "DependencyInjection";
        if (file.Namespace is null)
        {
            return true;
        }

        if (NamespacesOfTheHostApplication.Contains(file.Namespace) || (isOutermost && file.Namespace == project.RootNamespace))
        {
            return true;
        }

        return file.Namespace == string.Join('.', [project.RootNamespace, .. folder.Split('/', StringSplitOptions.RemoveEmptyEntries)]);
    }
}
