using Microsoft.AspNetCore.Authentication.Cookies;

namespace Postoffice.Samples.Shop;

/// <summary>A shop with pages and a login of its own, in which Postoffice delivers the mail and the dashboard is one of the back office's pages.</summary>
public static class ShopApplication
{
    /// <param name="options">Where the application stands.</param>
    /// <param name="configure">Changes what is registered, for tests.</param>
    public static WebApplication Create(WebApplicationOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(options);
        builder.Services.AddRazorPages();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.LoginPath = "/login";
            cookie.AccessDeniedPath = "/denied";
        });

        // Staff may look into the mail; operators may change something there.
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("staff", policy => policy.RequireRole(ShopUsers.Viewer, ShopUsers.Operator))
            .AddPolicy("operators", policy => policy.RequireRole(ShopUsers.Operator));

        builder.Services.AddPostoffice()
            .UseSqlite("data/shop-mail.db")
            .AddHttpTransport();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapRazorPages();
        app.MapPostofficeDashboard("/backoffice/mail", dashboard => dashboard.ChangePolicy = "operators").RequireAuthorization("staff");
        return app;
    }
}
