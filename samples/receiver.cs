#:sdk Microsoft.NET.Sdk.Web

// A receiver to try Postoffice with: prints what arrives. dotnet run samples/receiver.cs [--urls http://localhost:4100]

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
if (builder.Configuration[WebHostDefaults.ServerUrlsKey] is null)
{
    builder.WebHost.UseUrls("http://localhost:4100");
}

var app = builder.Build();
app.MapPost("/{**path}", async (HttpRequest request) =>
{
    using var body = new StreamReader(request.Body);
    Console.WriteLine($"{request.Path} {request.Headers["message-id"]}: {await body.ReadToEndAsync()}");
});
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"Waiting for messages at {string.Join(", ", app.Urls)}"));
app.Run();
