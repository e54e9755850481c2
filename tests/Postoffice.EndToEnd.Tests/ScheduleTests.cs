using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>Messages for later.</summary>
public sealed class ScheduleTests : EndToEndTest
{
    private static readonly TimeSpan Punctual = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task A_message_comes_at_its_time_and_one_that_is_late_at_once(StorageKind kind)
    {
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(await CreateStorageAsync(kind));
        await host.Client.CreateTopicAsync("orders", Cancel);
        await host.Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)), Cancel);

        var asked = TimeProvider.System.GetUtcNow();
        var due = asked + TimeSpan.FromSeconds(3);
        var future = await host.Client.ScheduleAsync("orders", """{"when":"later"}""", due, Cancel);
        var past = await host.Client.ScheduleAsync("orders", """{"when":"long ago"}""", asked - TimeSpan.FromDays(1), Cancel);
        await receiver.WaitForAsync(2, Cancel);

        var arrivals = receiver.Requests.ToDictionary(request => request.MessageId!, request => request.ReceivedAt);
        arrivals[past.ToString()].Should().BeOnOrAfter(asked).And.BeBefore(asked + Punctual);
        arrivals[future.ToString()].Should().BeOnOrAfter(due).And.BeBefore(due + Punctual);
    }
}
