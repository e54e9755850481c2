using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Tests.Server;

internal enum StorageState
{
    Up,

    /// <summary>Every call fails, with a message that says too much.</summary>
    Down,

    /// <summary>Every call waits for ever, whatever its token says.</summary>
    Hanging,

    /// <summary>Every call fails in a way that nobody foresaw.</summary>
    Broken,
}

/// <summary>Stands between the application and its stores, and makes them fail.</summary>
internal sealed class StorageSwitch
{
    public const string Secret = "Host=db.internal;Port=5432;Password=hunter2";

    private static readonly TaskCompletionSource Never = new();

    public StorageState State { get; set; }

    public void Install(IServiceCollection services)
    {
        Wrap<IStorage>(services);
        Wrap<ITopicStore>(services);
        Wrap<IPublisherStore>(services);
        Wrap<IMessageLog>(services);
        Wrap<IStagedMessageStore>(services);
        Wrap<IDeliveryStore>(services);
        Wrap<IOrderingKeyStore>(services);
        Wrap<IDeadLetterStore>(services);
        Wrap<IReplayStore>(services);
        Wrap<IMessageSearchStore>(services);
        Wrap<IActivityStore>(services);
        Wrap<IOverviewStore>(services);
    }

    private void Wrap<TStore>(IServiceCollection services)
        where TStore : class
    {
        var real = services.Single(service => service.ServiceType == typeof(TStore));
        services.Remove(real);
        services.AddSingleton(provider =>
        {
            var store = DispatchProxy.Create<TStore, Gate>();
            ((Gate)(object)store).Set(this, ActivatorUtilities.CreateInstance(provider, real.ImplementationType!));
            return store;
        });
    }

#pragma warning disable CA1852 // DispatchProxy derives from it.
    public class Gate : DispatchProxy
    {
        private StorageSwitch? _switch;
        private object? _store;

        internal void Set(StorageSwitch storageSwitch, object store) => (_switch, _store) = (storageSwitch, store);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _switch!.State switch
        {
            StorageState.Down => throw new StorageUnavailableException($"Npgsql can't connect: {Secret}"),
            StorageState.Broken => throw new InvalidOperationException($"Nobody foresaw this: {Secret}"),
            StorageState.Hanging when targetMethod!.ReturnType == typeof(Task) => Never.Task,
            _ => targetMethod!.Invoke(_store, args),
        };
    }
}
