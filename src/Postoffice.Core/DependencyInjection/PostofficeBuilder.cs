using Postoffice.Transports;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What <c>AddPostoffice</c> returns, to choose storage and transports.</summary>
public sealed class PostofficeBuilder
{
    internal PostofficeBuilder(IServiceCollection services) => Services = services;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a transport: publishers of type <see cref="ITransport.Type"/> deliver through it.</summary>
    /// <typeparam name="TTransport">The transport; one instance a node.</typeparam>
    /// <returns>This builder.</returns>
    public PostofficeBuilder AddTransport<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(
        System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] TTransport>()
        where TTransport : class, ITransport
    {
        Services.AddSingleton<ITransport, TTransport>();
        return this;
    }
}
