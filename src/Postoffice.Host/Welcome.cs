using System.Text.RegularExpressions;
using Postoffice.Storage;

namespace Postoffice.Host;

/// <summary>The log lines that tell a newcomer where everything is and what to do next.</summary>
internal static partial class Welcome
{
    public static void Say(WebApplication app, bool hasDashboard)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Postoffice");

        // All addresses are no address to call.
        var url = AnyAddress().Replace(app.Urls.First(), "://localhost").TrimEnd('/');
        var storage = app.Services.GetRequiredService<IStorage>().Description;
        if (hasDashboard)
        {
            Ready(logger, url, storage);
        }
        else
        {
            ReadyWithoutDashboard(logger, url, storage);
        }

        Next(logger, url);
    }

    [GeneratedRegex(@"://(\*|\+|\[::\]|0\.0\.0\.0)")]
    private static partial Regex AnyAddress();

    [LoggerMessage(1, LogLevel.Information, "Postoffice is ready: dashboard at {Url}/, API at {Url}/api, data in {Storage}")]
    private static partial void Ready(ILogger logger, string url, string storage);

    [LoggerMessage(3, LogLevel.Information, "Postoffice is ready: API at {Url}/api, data in {Storage}")]
    private static partial void ReadyWithoutDashboard(ILogger logger, string url, string storage);

    [LoggerMessage(2, LogLevel.Information,
        """Create a topic: curl {Url}/api/topics -H 'Content-Type: application/json' -d '{{"name":"orders","origin_host":"localhost"}}'""")]
    private static partial void Next(ILogger logger, string url);
}
