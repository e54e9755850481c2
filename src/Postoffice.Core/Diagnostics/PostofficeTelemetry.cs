namespace Postoffice.Diagnostics;

/// <summary>The name under which Postoffice tells what it does.</summary>
internal static class PostofficeTelemetry
{
    public const string Name = "Postoffice";
}
