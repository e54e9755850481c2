namespace Postoffice.Core.Tests.Architecture;

/// <summary>Host → {AspNetCore, Storage.*, Transports} → Core; siblings never see each other.</summary>
public sealed class ProjectArrowsTests
{
    private const string Core = "Postoffice.Core";
    private const string Host = "Postoffice.Host";

    [Fact]
    public void All_projects_are_looked_at() =>
        SourceTree.Projects.Select(project => project.Name).Should().Contain([Core, Host]).And.HaveCountGreaterThanOrEqualTo(6);

    [Fact]
    public void Core_sees_no_other_project() => Project(Core).ProjectReferences.Should().BeEmpty();

    [Fact]
    public void What_stands_between_core_and_host_sees_core_alone()
    {
        foreach (var project in SourceTree.Projects.Where(project => project.Name is not Core and not Host))
        {
            project.ProjectReferences.Should().Equal([Core], "{0} must not see its siblings or the host", project.Name);
        }
    }

    [Fact]
    public void Core_needs_only_the_abstractions_of_the_platform_polly_and_rate_limiting()
    {
        Project(Core).PackageReferences.Should().OnlyContain(package =>
            package == "Polly.Core" || package == "Polly.RateLimiting" || package == "System.Threading.RateLimiting" || package.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal));
        Project(Core).FrameworkReferences.Should().BeEmpty();
    }

    [Fact]
    public void Only_the_web_projects_need_the_web_framework() =>
        SourceTree.Projects.Where(project => project.FrameworkReferences.Any()).Select(project => project.Name).Should().Equal("Postoffice.AspNetCore");

    private static SourceProject Project(string name) => SourceTree.Projects.Single(project => project.Name == name);
}
