using System.Diagnostics;

namespace Postoffice.Diagnostics;

/// <summary>The names under which Postoffice tells what it does.</summary>
internal static class PostofficeTelemetry
{
    public const string Name = "Postoffice";

    public static readonly ActivitySource ActivitySource = new(Name);
}
