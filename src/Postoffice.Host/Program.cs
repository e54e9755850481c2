using Microsoft.Extensions.Options;
using Postoffice;
using Postoffice.Host;
using Postoffice.Storage;

// Settings that ship with the host stand beside it; data goes to the folder it was started in.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Logging.AddSimpleConsole(console =>
{
    console.SingleLine = true;
    console.UseUtcTimestamp = true;
    console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
});

if (builder.Configuration[WebHostDefaults.ServerUrlsKey] is null)
{
    builder.WebHost.UseUrls(builder.Environment.IsDevelopment() ? "http://localhost:4000" : "http://*:4000");
}

builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    kestrel.Limits.MaxConcurrentConnections = 2_000;
});

builder.Services.AddPostoffice()
    .UseConfiguredStorage(builder.Configuration)
    .AddConfiguredTransports(builder.Configuration);

builder.Services.AddApiDocument();

// The host may not lose patience before the pipelines have drained.
builder.Services.AddOptions<HostOptions>().Configure<IOptions<PostofficeOptions>>(
    (host, postoffice) => host.ShutdownTimeout = postoffice.Value.Pipeline.DrainTimeout + TimeSpan.FromSeconds(15));

try
{
    await using var app = builder.Build();
    if (args is ["migrate", ..])
    {
        await app.Services.GetRequiredService<IStorage>().MigrateAsync(CancellationToken.None);
        return 0;
    }

    app.MapPostoffice();
    app.MapApiDocument();
    var hasDashboard = app.MapConfiguredDashboard();
    app.Lifetime.ApplicationStarted.Register(() => Welcome.Say(app, hasDashboard));
    await app.RunAsync();
    return 0;
}
catch (Exception exception)
{
    return StartFailure.Explain(exception);
}
