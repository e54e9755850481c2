using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Postoffice.Activity;
using Postoffice.Core.Tests.Pipeline;
using Postoffice.Core.Tests.Storage;
using Postoffice.Core.Tests.Threading;
using Postoffice.Ingestion;
using Postoffice.Pipeline;
using Postoffice.Storage;
using Postoffice.Storage.InMemory;
using Postoffice.Topics;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Ingestion;

/// <summary>Ingestion alone, on the in-memory store and a clock that the test moves; nothing is delivered. The relay runs when the host is started.</summary>
internal sealed class IngestionInMemory : IAsyncDisposable
{
    private readonly IHost _host;

    public IngestionInMemory(Action<IngestionOptions>? configure = null, params ITransport[] transports)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(new TestOutputLoggerProvider());
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddPostoffice(options => options.Pipeline.Enabled = false).UseInMemory();

        foreach (var transport in transports)
        {
            builder.Services.AddSingleton(transport);
        }

        // Past the judge, so that a test may set limits too small for an application.
        var ingestion = new IngestionOptions();
        configure?.Invoke(ingestion);
        builder.Services.AddSingleton(ingestion);
        builder.Services.AddSingleton<IMessageLog>(provider => new ScriptedMessageLog(new InMemoryMessageLog(provider.GetRequiredService<InMemoryDatabase>())));
        builder.Services.AddSingleton<IStagedMessageStore>(provider =>
            new ScriptedStagedMessageStore(new InMemoryStagedMessageStore(provider.GetRequiredService<InMemoryDatabase>()), Time));

        builder.Services.AddSingleton<IPublisherStore>(provider =>
            new ScriptedPublisherStore(new InMemoryPublisherStore(provider.GetRequiredService<InMemoryDatabase>())));

        // On a clock of its own, so that all timers of the test's are the relay's.
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ActivityWriter>(provider, new FakeTimeProvider()));
        _host = builder.Build();
        Topics.TryAddAsync(new NewTopic("orders", "localhost"), CancellationToken.None).GetAwaiter().GetResult();
    }

    public ObservedTime Time { get; } = new();

    public IPostoffice Postoffice => _host.Services.GetRequiredService<IPostoffice>();

    public TopicReaders Readers => _host.Services.GetRequiredService<TopicReaders>();

    public ITopicStore Topics => _host.Services.GetRequiredService<ITopicStore>();

    public ScriptedPublisherStore Publishers => (ScriptedPublisherStore)_host.Services.GetRequiredService<IPublisherStore>();

    public ScriptedMessageLog Log => (ScriptedMessageLog)_host.Services.GetRequiredService<IMessageLog>();

    public ScriptedStagedMessageStore Staged => (ScriptedStagedMessageStore)_host.Services.GetRequiredService<IStagedMessageStore>();

    public Task StartRelayAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits until the message stands in the log; moves the clock whenever the relay waits for it.</summary>
    public async Task UntilInLogAsync(Guid id)
    {
        while (await Log.FindAsync(id, TestContext.Current.CancellationToken) is null)
        {
            var wait = await Time.NextTimerAsync();
            if (await Log.FindAsync(id, TestContext.Current.CancellationToken) is null)
            {
                Time.Advance(wait);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
