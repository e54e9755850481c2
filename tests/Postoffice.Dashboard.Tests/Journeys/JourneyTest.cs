using Postoffice.Dashboard.Tests.Browsing;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Testing.Hosting;

namespace Postoffice.Dashboard.Tests.Journeys;

/// <summary>Base of the ways through the dashboard: each in a world of its own, on both storages, on large and small screens, by day and by night.</summary>
public abstract class JourneyTest : DashboardTest
{
    public static TheoryData<StorageKind, string> Worlds { get; } = new()
    {
        { StorageKind.Sqlite, nameof(Screen.Desktop) },
        { StorageKind.Postgres, nameof(Screen.PhoneAtNight) },
        { StorageKind.Sqlite, nameof(Screen.Phone) },
        { StorageKind.Postgres, nameof(Screen.DesktopAtNight) },
    };

    /// <summary>A topic and a publisher of it that tries again soon.</summary>
    internal async Task<PublisherView> ArrangeAsync(HostProcess host, string topic, string target, int maxAttempts = 100, int secondsRetry = 1)
    {
        await host.Client.CreateTopicAsync(topic, Cancel);
        var publisher = new NewPublisherView(topic, new Uri(target)) { MaxAttempts = maxAttempts, SecondsRetry = secondsRetry };
        return await host.Client.CreatePublisherAsync(publisher, Cancel);
    }
}
