namespace Postoffice.Host;

/// <summary>The dashboard at <c>/</c>, as the settings <c>Postoffice:Dashboard</c> say.</summary>
internal static class DashboardChoice
{
    private const string Section = "Postoffice:Dashboard";

    /// <returns>Whether there is one.</returns>
    public static bool MapConfiguredDashboard(this WebApplication app)
    {
        var enabled = Read(app.Configuration, "Enabled", true);
        var allowRemote = Read(app.Configuration, "AllowRemote", false);
        var readOnly = Read(app.Configuration, "ReadOnly", false);
        if (enabled)
        {
            app.MapPostofficeDashboard("/", options =>
            {
                options.AllowRemote = allowRemote;
                options.ReadOnly = readOnly;
            });
        }

        return enabled;
    }

    private static bool Read(IConfiguration configuration, string name, bool unlessGiven)
    {
        var value = configuration[$"{Section}:{name}"];
        if (string.IsNullOrWhiteSpace(value))
        {
            return unlessGiven;
        }

        return bool.TryParse(value, out var given)
            ? given
            : throw new InvalidOperationException($"{Section}:{name} is \"{value}\", which is neither true nor false. Set it to one of them, or leave it out.");
    }
}
