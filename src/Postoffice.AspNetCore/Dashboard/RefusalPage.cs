using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace Postoffice.AspNetCore.Dashboard;

/// <summary>What a person sees who may not see the dashboard from where he is: why, and how it is opened.</summary>
internal sealed class RefusalPage(string reason) : IResult
{
    public const string Remedy = "Without authorization the dashboard answers browsers on its own machine only. "
        + "In an application call RequireAuthorization on what MapPostofficeDashboard returns. "
        + "Where the network keeps strangers away, set AllowRemote (Postoffice__Dashboard__AllowRemote=true for the ready-made host).";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var html = $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Postoffice: not from here</title></head>
            <body>
            <h1>The dashboard answers its own machine only</h1>
            <p>{HtmlEncoder.Default.Encode(reason)}</p>
            <p>{HtmlEncoder.Default.Encode(Remedy)}</p>
            </body>
            </html>

            """;
        return DashboardPage.WriteAsync(httpContext, StatusCodes.Status403Forbidden, Encoding.UTF8.GetBytes(html));
    }
}
