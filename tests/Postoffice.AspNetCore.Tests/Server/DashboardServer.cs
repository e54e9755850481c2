using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>
/// An application with a dashboard. A request says by headers from which address it comes (<see cref="Remote"/>) and who sends it (<see cref="User"/>:
/// anybody, or <c>operator</c>, who is in the role of that name).
/// </summary>
public sealed class DashboardServer(Action<WebApplication> map) : IAsyncDisposable
{
    public const string Remote = "X-Test-Remote";
    public const string User = "X-Test-User";
    public const string OperatorsOnly = "operators";
    public const string StaffOnly = "staff";

    private readonly ApiServer _server = new(
        app =>
        {
            app.Use((context, next) =>
            {
                if (context.Request.Headers[Remote].ToString() is { Length: > 0 } address)
                {
                    context.Connection.RemoteIpAddress = address == "none" ? null : IPAddress.Parse(address);
                }

                return next(context);
            });
            map(app);
        },
        services =>
        {
            services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("header", null);
            services.AddAuthorizationBuilder()
                .AddPolicy(StaffOnly, policy => policy.RequireAuthenticatedUser())
                .AddPolicy(OperatorsOnly, policy => policy.RequireRole("operator"));
        });

    internal ApiServer Api => _server;

    internal static async Task<DashboardServer> StartAsync(Action<WebApplication> map)
    {
        var server = new DashboardServer(map);
        await server._server.InitializeAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <param name="method">The verb.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="headers">Header lines: <c>Name: value</c>.</param>
    internal Task<Answer> SendAsync(string method, string path, params ReadOnlySpan<string> headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            request.Headers.Add(header[..colon], header[(colon + 2)..]);
        }

        return _server.SendAsync(request);
    }

    internal Task<Answer> GetAsync(string path, params ReadOnlySpan<string> headers) => SendAsync("GET", path, headers);

    private sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers[User].ToString() is not { Length: > 0 } name)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, name)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
