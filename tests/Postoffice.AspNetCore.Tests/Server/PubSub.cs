using Microsoft.Extensions.DependencyInjection;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>The transport for Pub/Sub as an application registers it; nothing answers where it sends to.</summary>
internal static class PubSub
{
    public const string Project = "a-project";

    public static void Install(IServiceCollection services) => new PostofficeBuilder(services).AddPubSubTransport(options =>
    {
        options.ProjectId = Project;
        options.EmulatorHost = "127.0.0.1:1";
    });
}
