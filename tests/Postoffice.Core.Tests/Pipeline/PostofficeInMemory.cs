using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postoffice.Deliveries;
using Postoffice.Ingestion;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Storage;
using Postoffice.Storage.InMemory;
using Postoffice.Topics;
using Postoffice.Transports;

namespace Postoffice.Core.Tests.Pipeline;

/// <summary>The whole of Core on the in-memory store, a scripted transport.</summary>
internal sealed class PostofficeInMemory : IAsyncDisposable
{
    private readonly IHost _host;

    private PostofficeInMemory(IHost host, BookChanges changes, ScriptedTransport transport)
    {
        _host = host;
        Changes = changes;
        Transport = transport;
    }

    public BookChanges Changes { get; }

    public ScriptedTransport Transport { get; }

    public IPostoffice Postoffice => Get<IPostoffice>();

    public IPublisherStore Publishers => Get<IPublisherStore>();

    /// <param name="configure">Changes the settings, which are quick.</param>
    /// <param name="addServices">Puts scripted stores in front of those in memory.</param>
    /// <param name="sharing">Another node, whose database and transport this one shares.</param>
    public static async Task<PostofficeInMemory> StartAsync(
        Action<PostofficeOptions>? configure = null, Action<IServiceCollection>? addServices = null, PostofficeInMemory? sharing = null)
    {
        var changes = sharing?.Changes ?? new BookChanges();
        var transport = sharing?.Transport ?? new ScriptedTransport();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(new TestOutputLoggerProvider());
        builder.Services.AddSingleton<ITransport>(transport);
        builder.Services.AddPostoffice(options =>
        {
            options.Pipeline.PollInterval = TimeSpan.FromMilliseconds(50);
            options.Pipeline.SettleDelay = TimeSpan.FromMilliseconds(5);
            options.Cluster.RenewInterval = TimeSpan.FromMilliseconds(100);
            configure?.Invoke(options);
        }).UseInMemory();
        if (sharing is not null)
        {
            builder.Services.AddSingleton(sharing.Get<InMemoryDatabase>());
        }

        addServices?.Invoke(builder.Services);
        Decorate<IDeliveryStore>(builder.Services, inner => new ObservedDeliveryStore(inner, changes));
        Decorate<ILeaseStore>(builder.Services, inner => new ObservedLeaseStore(inner, changes));
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new PostofficeInMemory(host, changes, transport);
    }

    public async Task<Topic> AddTopicAsync(string name = "orders") =>
        (await Get<ITopicStore>().TryAddAsync(new NewTopic(name, "localhost"), TestContext.Current.CancellationToken))!;

    public async Task<Publisher> AddPublisherAsync(string target = "a", bool fromNow = false, PublisherSettings? settings = null, string topic = "orders") =>
        (await Publishers.TryAddAsync(
            new NewPublisher(topic, "scripted", target, Active: true, fromNow, settings ?? new PublisherSettings { RetryDelay = TimeSpan.FromMilliseconds(20) }),
            TestContext.Current.CancellationToken)).Publisher!;

    public Task<IReadOnlyList<PublishedMessage>> PublishAsync(int count, string topic = "orders") =>
        Postoffice.PublishManyAsync(topic, [.. Enumerable.Range(0, count).Select(number => New($"{{\"n\":{number}}}"))], TestContext.Current.CancellationToken);

    /// <summary>Publishes one message for each of these ordering keys, in their order.</summary>
    public Task<IReadOnlyList<PublishedMessage>> PublishKeyedAsync(IEnumerable<string?> keys, string topic = "orders") =>
        Postoffice.PublishManyAsync(topic, [.. keys.Select(key => New("{}", orderingKey: key))], TestContext.Current.CancellationToken);

    public static NewMessage New(string payload, string? idempotencyKey = null, string? orderingKey = null) =>
        new() { Payload = System.Text.Encoding.UTF8.GetBytes(payload), IdempotencyKey = idempotencyKey, OrderingKey = orderingKey };

    /// <summary>Waits until <paramref name="condition"/> holds; looks again whenever the books have changed.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (true)
        {
            var next = Changes.Next;
            if (await condition())
            {
                return;
            }

            await next.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the publisher's cursor stands at <paramref name="position"/>.</summary>
    public Task UntilSettledAsync(Publisher publisher, long position) =>
        UntilAsync(async () => (await Publishers.FindStatusAsync(publisher.Id, TestContext.Current.CancellationToken))!.Cursor >= position);

    public async Task<DeliveryState> StateAsync(PublishedMessage message, Publisher publisher)
    {
        var stored = await Get<IMessageLog>().FindAsync(message.Id, TestContext.Current.CancellationToken);
        var states = await Get<IDeliveryStore>().StatesAsync(stored!, TestContext.Current.CancellationToken);
        return states.Single(state => state.Publisher.Id == publisher.Id);
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _host.Dispose();
    }

    public static void Decorate<T>(IServiceCollection services, Func<T, T> decorate)
        where T : class
    {
        var inner = services.Single(service => service.ServiceType == typeof(T));
        services.Remove(inner);
        services.AddSingleton(provider => decorate((T)(inner.ImplementationFactory?.Invoke(provider)
            ?? inner.ImplementationInstance ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!))));
    }
}
