using Scalar.AspNetCore;

namespace Postoffice.Host;

/// <summary>The OpenAPI document of the REST API, and a page to try it.</summary>
internal static class ApiDocument
{
    private const string DocumentRoute = "/api/openapi.json";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Postoffice";
            document.Info.Version = typeof(ApiDocument).Assembly.GetName().Version?.ToString(3) ?? "0";
            document.Info.Description = "Send messages to a topic; publishers deliver each message to whoever is interested.";

            // The address that the caller used is as good as any that could stand here.
            document.Servers?.Clear();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            // The routes take any media type, so that a wrong one is answered with 415 and words; JSON is the one that works.
            if (operation.RequestBody?.Content is { Count: > 1 } content)
            {
                content.Remove("*/*");
            }

            return Task.CompletedTask;
        });
    });

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi(DocumentRoute);

        // Nothing from another origin, nothing to another origin.
        app.MapScalarApiReference("/api/docs", options => options
            .WithTitle("Postoffice API")
            .WithOpenApiRoutePattern(DocumentRoute)
            .WithDynamicBaseServerUrl()
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools()
            .HideClientButton());
    }
}
