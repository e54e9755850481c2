using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postoffice.AspNetCore.Tests.Server;
using Postoffice.Samples.Shop;
using Postoffice.Storage.Sqlite;

namespace Postoffice.AspNetCore.Tests.Samples;

/// <summary>The dashboard inside an application that has pages, a login and roles of its own.</summary>
public sealed partial class ShopTests : IAsyncLifetime
{
    private const string Mail = "/backoffice/mail";

    private readonly string _folder = Directory.CreateTempSubdirectory("postoffice-shop-").FullName;
    private WebApplication _shop = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _shop = ShopApplication.Create(
            new WebApplicationOptions { ApplicationName = typeof(ShopApplication).Assembly.GetName().Name, ContentRootPath = _folder },
            builder =>
            {
                builder.Services.Configure<SqliteOptions>(sqlite => sqlite.Path = Path.Combine(_folder, "mail.db"));
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.Logging.ClearProviders();
                builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
            });
        await _shop.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Its_own_pages_are_as_before()
    {
        using var visitor = NewBrowser();

        var home = await visitor.GetAsync("/");
        var nowhere = await visitor.GetAsync("/nowhere");

        home.Status.Should().Be(200);
        home.Body.Should().Contain("Corner shop").And.Contain("What may it be?");
        home.Header("Content-Security-Policy").Should().BeNull();
        nowhere.Status.Should().Be(404);
    }

    [Fact]
    public async Task A_stranger_sees_nothing_of_the_mail()
    {
        using var stranger = NewBrowser();

        foreach (var path in new[] { Mail, Mail + "/topics", Mail + "/favicon.ico", Mail + "/-/assets/app.js" })
        {
            var answer = await stranger.GetAsync(path);
            answer.Status.Should().Be(302, path);
            answer.Header("Location").Should().Contain("/login?ReturnUrl=", path);
        }

        foreach (var path in new[] { Mail + "/-/api/topics", Mail + "/-/api/health", Mail + "/-/api/nope" })
        {
            (await stranger.GetAsync(path)).Status.Should().Be(401, "{0} is asked for by a script", path);
        }

        (await stranger.ChangeAsync("/topics", """{"name":"orders","origin_host":"shop"}""")).Status.Should().Be(401);
        (await stranger.GetAsync("/api/topics")).Status.Should().Be(404, "the shop does not map the API itself");
    }

    [Fact]
    public async Task A_customer_has_no_business_there()
    {
        using var customer = await LogInAsync("carla");

        (await customer.GetAsync("/")).Body.Should().NotContain("backoffice/mail");
        (await customer.GetAsync(Mail)).Header("Location").Should().Contain("/denied");
        (await customer.GetAsync(Mail + "/-/api/topics")).Status.Should().Be(403);
    }

    [Fact]
    public async Task A_wrong_password_is_no_login()
    {
        using var browser = NewBrowser();

        (await browser.LogInAsync("olga", "wrong")).Body.Should().Contain("Name or password are wrong.");

        (await browser.GetAsync(Mail)).Status.Should().Be(302);
    }

    [Fact]
    public async Task The_login_form_needs_its_own_token_and_leads_back()
    {
        using var browser = NewBrowser();
        var refused = await browser.PostAsync("/login", new() { ["Name"] = "olga", ["Password"] = "olga" });
        var accepted = await browser.LogInAsync("olga", "olga", Mail + "/topics");

        refused.Status.Should().Be(400);
        accepted.Status.Should().Be(302);
        accepted.Header("Location").Should().Be(Mail + "/topics");
        (await browser.LogInAsync("olga", "olga", "https://evil.example/")).Header("Location").Should().Be("/");
    }

    [Fact]
    public async Task A_viewer_looks_and_changes_nothing()
    {
        using var viewer = await LogInAsync("victor");

        var page = await viewer.GetAsync(Mail + "/topics");
        page.Body.Should().Contain($"<base href=\"{Mail}/\">").And.Contain("&quot;read_only&quot;:true").And.NotContain("Corner shop");
        (await viewer.GetAsync(Mail + "/-/assets/app.js")).Status.Should().Be(200);
        (await viewer.GetAsync(Mail + "/-/api/topics")).Status.Should().Be(200);
        (await viewer.ChangeAsync("/topics", """{"name":"orders","origin_host":"shop"}""")).ShouldBeProblem(403, "read-only");
        (await viewer.GetAsync(Mail + "/-/api/topics")).Data.GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task An_operator_opens_the_topic_and_orders_arrive_in_it()
    {
        using var operators = await LogInAsync("olga");
        using var customer = NewBrowser();

        (await operators.GetAsync(Mail)).Body.Should().Contain("&quot;read_only&quot;:false");
        (await customer.OrderAsync("Umbrella", 2)).Body.Should().Contain("There is no topic");
        (await operators.ChangeAsync("/topics", """{"name":"orders","origin_host":"shop"}""", own: false)).ShouldBeProblem(403, "cross-site");
        (await operators.ChangeAsync("/topics", """{"name":"orders","origin_host":"shop"}""")).Status.Should().Be(201);
        var ordered = OrderNumber().Match((await customer.OrderAsync("Umbrella", 2)).Body);

        var message = await operators.GetAsync($"{Mail}/-/api/messages/{ordered.Groups[1].Value}");
        message.Data.GetProperty("payload").GetRawText().Should().Be("""{"item":"Umbrella","pieces":2}""");
        (await operators.PostAsync("/logout", await operators.WithTokenAsync("/", []))).Status.Should().Be(302);
        (await operators.GetAsync(Mail)).Status.Should().Be(302);
    }

    private Browser NewBrowser() => new(new Uri(_shop.Urls.Single()));

    private async Task<Browser> LogInAsync(string name)
    {
        var browser = NewBrowser();
        (await browser.LogInAsync(name, name)).Status.Should().Be(302);
        return browser;
    }

    [GeneratedRegex("message <code>([0-9a-f-]{36})</code>")]
    private static partial Regex OrderNumber();

    /// <summary>Keeps cookies and follows no redirects.</summary>
    private sealed partial class Browser(Uri shop) : IDisposable
    {
        private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = shop };

        public void Dispose() => _client.Dispose();

        public async Task<Answer> GetAsync(string path) => await Answer.ReadAsync(await _client.GetAsync(path, Cancel));

        public async Task<Answer> PostAsync(string path, Dictionary<string, string> form) =>
            await Answer.ReadAsync(await _client.PostAsync(path, new FormUrlEncodedContent(form), Cancel));

        public async Task<Answer> LogInAsync(string name, string password, string? returnUrl = null)
        {
            var path = "/login" + (returnUrl is null ? "" : "?ReturnUrl=" + Uri.EscapeDataString(returnUrl));
            return await PostAsync(path, await WithTokenAsync(path, new() { ["Name"] = name, ["Password"] = password }));
        }

        public async Task<Answer> OrderAsync(string item, int pieces) =>
            await PostAsync("/", await WithTokenAsync("/", new() { ["Item"] = item, ["Pieces"] = $"{pieces}" }));

        /// <summary>POSTs as the dashboard's page does.</summary>
        public async Task<Answer> ChangeAsync(string path, string json, bool own = true)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, Mail + "/-/api" + path)
            {
                Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("Origin", shop.GetLeftPart(UriPartial.Authority));
            if (own)
            {
                request.Headers.Add("X-Postoffice-Dashboard", "1");
            }

            return await Answer.ReadAsync(await _client.SendAsync(request, Cancel));
        }

        public async Task<Dictionary<string, string>> WithTokenAsync(string path, Dictionary<string, string> form)
        {
            form["__RequestVerificationToken"] = Token().Match((await GetAsync(path)).Body).Groups[1].Value;
            return form;
        }

        [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
        private static partial Regex Token();
    }
}
