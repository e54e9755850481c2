using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postoffice.Load.Servers;

/// <summary>What posting costs without a store: an endpoint that parses the same JSON and answers in the same words.</summary>
internal static partial class BareServer
{
    public static async Task RunAsync(int port)
    {
        await using var app = Build(port);
        app.MapPost("/api/messages", (MessageRequest request) =>
            TypedResults.Json(
                new MessageResponse(new MessageData(Guid.CreateVersion7(), request.Topic, request.Payload.ValueKind is JsonValueKind.Object ? 1 : 0)),
                BareJson.Default.MessageResponse,
                statusCode: StatusCodes.Status201Created));
        await app.RunAsync();
    }

    /// <summary>A web application that logs one line: that it is listening.</summary>
    internal static WebApplication Build(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, BareJson.Default));
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        return builder.Build();
    }

    internal sealed record MessageRequest(string Topic, JsonElement Payload, Dictionary<string, string> Attributes);

    internal sealed record MessageResponse(MessageData Data);

    internal sealed record MessageData(Guid Id, string Topic, long Position);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(MessageRequest))]
    [JsonSerializable(typeof(MessageResponse))]
    private sealed partial class BareJson : JsonSerializerContext;
}
