using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace Postoffice.Core.Tests.Architecture;

/// <summary>Inside Core: domain ← seams ← services ← DependencyInjection, by what the compiled types refer to.</summary>
public sealed class RoomArrowsTests
{
    private static readonly string[][] Rings =
    [
        ["Postoffice.Topics", "Postoffice.Publishers", "Postoffice.Messages", "Postoffice.Deliveries", "Postoffice.Filters", "Postoffice.Threading"],
        ["Postoffice.Storage", "Postoffice.Transports"],
        [
            "Postoffice.Ingestion", "Postoffice.Pipeline", "Postoffice.Activity", "Postoffice.Outcomes", "Postoffice.Cluster", "Postoffice.Recovery",
            "Postoffice.Maintenance", "Postoffice.Explanations", "Postoffice.Search", "Postoffice.Diagnostics", "Postoffice.Startup", "Postoffice.Threading",
        ],
        ["Postoffice", "Microsoft.Extensions.DependencyInjection"],
    ];

    // Types that stand in another ring than their neighbours.
    private static readonly Dictionary<string, int> RingOfType = new()
    {
        // A value that the seam of its service speaks of.
        ["Postoffice.Cluster.Lease"] = 0,

        // The hosted service that brings the storage up, beside the seam it calls.
        ["Postoffice.Storage.StorageStartup"] = 2,

        // Gathers the settings of the services, and is handed to them.
        ["Postoffice.PostofficeOptions"] = 2,
    };

    private static readonly ArchUnitNET.Domain.Architecture Core =
        new ArchLoader().LoadAssembly(typeof(PostofficeOptions).Assembly).Build();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_ring_refers_to_no_ring_outside_it(int ring)
    {
        var types = Core.Types.Where(type => RingOf(type) == ring).ToList();
        types.Should().NotBeEmpty();

        var outward = types.SelectMany(type => type.Dependencies
            // A type parameter is named after the method it belongs to, and stands in no room.
            .Where(dependency => dependency.Target is not GenericParameter && RingOf(dependency.Target) > ring)
            .Select(dependency => $"{type.FullName} → {dependency.Target.FullName}"));

        outward.Distinct().Should().BeEmpty("arrows point inwards: domain ← seams ← services ← DependencyInjection");
    }

    [Fact]
    public void Every_room_of_core_has_its_ring()
    {
        var project = SourceTree.Projects.Single(project => project.Name == "Postoffice.Core");
        var rooms = project.Files.Where(file => file.Namespace is not null && !file.Path.StartsWith("DependencyInjection/", StringComparison.Ordinal));

        rooms.Where(file => RingOf(file.Namespace!) is null or 3).Select(file => file.Path).Should().BeEmpty("a new room must be given its ring in this test");
    }

    [Fact]
    public void Settings_of_the_services_are_gathered_in_one_class()
    {
        var options = Core.Classes.Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && type.Name != nameof(PostofficeOptions)).ToList();
        options.Should().NotBeEmpty();

        var gathered = typeof(PostofficeOptions).GetProperties().Select(property => property.PropertyType.FullName);
        options.Where(type => RingOf(type) == 2 && type.Visibility == Visibility.Public).Select(type => type.FullName).Should().BeSubsetOf(gathered);
    }

    private static int? RingOf(IType type)
    {
        // A nested type stands in its outer type's ring.
        var name = type.FullName.Split('+', '/')[0];
        return RingOfType.TryGetValue(name, out var ring) ? ring : RingOf(type.Namespace.FullName);
    }

    private static int? RingOf(string @namespace)
    {
        for (var ring = 0; ring < Rings.Length; ring++)
        {
            // The outermost ring's names stand for themselves; the others for what is below them too.
            if (Rings[ring].Any(room => @namespace == room || (ring < 3 && @namespace.StartsWith(room + ".", StringComparison.Ordinal))))
            {
                return ring;
            }
        }

        return null;
    }
}
