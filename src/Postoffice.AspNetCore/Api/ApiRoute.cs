using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Problems;

namespace Postoffice.AspNetCore.Api;

/// <summary>One path of the API with its verbs. Any other verb gets a 405 that names them.</summary>
internal sealed class ApiRoute
{
    private readonly RouteGroupBuilder _api;
    private readonly string _path;
    private readonly string _tag;
    private readonly List<string> _methods = [];

    public ApiRoute(RouteGroupBuilder api, string path, string tag)
    {
        _api = api;
        _path = path;
        _tag = tag;

        // An endpoint without a verb is chosen only when none of the same path has the request's verb.
        api.Map(path, () => Problem.MethodNotAllowed(_methods)).ExcludeFromDescription();
    }

    /// <summary>Answers what nothing else below the prefix serves, and only that: it comes after all endpoints of the application but its fallback.</summary>
    public static void MapNotFound(RouteGroupBuilder api) =>
        api.Map("/{**path}", () => Problem.NotFound("There is nothing at this path.")).WithOrder(int.MaxValue).ExcludeFromDescription();

    /// <summary>GET, and HEAD, which must answer as GET does but for the body.</summary>
    public RouteHandlerBuilder Get(string name, Delegate handler)
    {
        Map(HttpMethods.Head, handler).ExcludeFromDescription();
        return Map(HttpMethods.Get, handler).WithName(name);
    }

    public RouteHandlerBuilder Post<TBody>(string name, Delegate handler) =>
        Map(HttpMethods.Post, handler).WithName(name).WithMetadata(new Body(typeof(TBody)));

    /// <summary>POST without a body: the path says everything.</summary>
    public RouteHandlerBuilder Post(string name, Delegate handler) => Map(HttpMethods.Post, handler).WithName(name);

    public RouteHandlerBuilder Patch<TBody>(string name, Delegate handler) =>
        Map(HttpMethods.Patch, handler).WithName(name).WithMetadata(new Body(typeof(TBody)));

    public RouteHandlerBuilder Delete(string name, Delegate handler) => Map(HttpMethods.Delete, handler).WithName(name);

    private RouteHandlerBuilder Map(string method, Delegate handler)
    {
        _methods.Add(method);
        return _api.MapMethods(_path, [method], handler).WithTags(_tag);
    }

    /// <summary>
    /// Describes the body for API explorers. Routing would act on it too and hand any other media type to the endpoint for unknown verbs;
    /// so "any" stands beside the one that is meant, and <see cref="Reading.RequestBody"/> refuses the others.
    /// </summary>
    private sealed class Body(Type type) : IAcceptsMetadata
    {
        public IReadOnlyList<string> ContentTypes { get; } = ["application/json", "*/*"];

        public Type? RequestType => type;

        public bool IsOptional => false;
    }
}
