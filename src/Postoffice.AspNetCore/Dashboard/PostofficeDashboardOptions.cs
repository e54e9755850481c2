namespace Postoffice.AspNetCore.Dashboard;

/// <summary>Who may see the dashboard, and who may change something by it.</summary>
public sealed class PostofficeDashboardOptions
{
    /// <summary>
    /// Whether everybody who reaches the application's port may use a dashboard that requires no authorization. Without authorization and with false only a
    /// browser on the same machine may: it comes from a loopback address, asks for <c>localhost</c>, and through no proxy.
    /// </summary>
    /// <value>False. Has no effect once <c>RequireAuthorization</c> or <c>AllowAnonymous</c> is called on the mapped dashboard.</value>
    public bool AllowRemote { get; set; }

    /// <summary>Whether the dashboard only shows, whoever looks at it.</summary>
    /// <value>False.</value>
    public bool ReadOnly { get; set; }

    /// <summary>
    /// The name of the application's authorization policy that a user must meet to change something; everybody else who may see the dashboard sees it
    /// read-only. It judges the user whom the dashboard's own authorization has established.
    /// </summary>
    /// <value>Null: whoever may see the dashboard may change everything.</value>
    public string? ChangePolicy { get; set; }
}
