using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Postoffice.Samples.Shop;

/// <summary>Who can log in. A real shop has them in a database, and their passwords hashed.</summary>
internal static class ShopUsers
{
    public const string Viewer = "viewer";
    public const string Operator = "operator";

    private static readonly Dictionary<string, (string Password, string Role)> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["olga"] = ("olga", Operator),
        ["victor"] = ("victor", Viewer),
        ["carla"] = ("carla", "customer"),
    };

    /// <returns>The user; null when name or password are wrong.</returns>
    public static ClaimsPrincipal? Find(string? name, string? password) =>
        name is not null && Known.TryGetValue(name, out var user) && user.Password == password
            ? new ClaimsPrincipal(new ClaimsIdentity(
                [new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, user.Role)], CookieAuthenticationDefaults.AuthenticationScheme))
            : null;
}
