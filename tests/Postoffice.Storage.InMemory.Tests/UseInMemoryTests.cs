using Microsoft.Extensions.DependencyInjection;
using Postoffice.Topics;

namespace Postoffice.Storage.InMemory.Tests;

public sealed class UseInMemoryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_time_provider_the_time_is_that_of_the_system()
    {
        await using var provider = Services().BuildServiceProvider();
        var before = TimeProvider.System.GetUtcNow();

        var topic = await provider.GetRequiredService<ITopicStore>().TryAddAsync(new NewTopic("orders", null), Cancel);

        topic!.CreatedAt.Should().BeOnOrAfter(before).And.BeOnOrBefore(TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Two_applications_share_nothing()
    {
        await using var first = Services().BuildServiceProvider();
        await using var second = Services().BuildServiceProvider();

        await first.GetRequiredService<ITopicStore>().TryAddAsync(new NewTopic("orders", null), Cancel);

        (await second.GetRequiredService<ITopicStore>().FindAsync("orders", Cancel)).Should().BeNull();
    }

    private static ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddPostoffice().UseInMemory();
        return services;
    }
}
