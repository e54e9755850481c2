using Microsoft.Playwright;

namespace Postoffice.Dashboard.Tests.Browsing;

/// <summary>How a page is looked at.</summary>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Scheme">The system's colours.</param>
public sealed record Screen(int Width, ColorScheme Scheme)
{
    public static readonly Screen Desktop = new(1440, ColorScheme.Light);
    public static readonly Screen DesktopAtNight = new(1440, ColorScheme.Dark);
    public static readonly Screen Phone = new(390, ColorScheme.Light);
    public static readonly Screen PhoneAtNight = new(390, ColorScheme.Dark);

    public static readonly IReadOnlyList<Screen> All = [Desktop, DesktopAtNight, Phone, PhoneAtNight];

    public static Screen Named(string name) => name switch
    {
        nameof(Desktop) => Desktop,
        nameof(DesktopAtNight) => DesktopAtNight,
        nameof(Phone) => Phone,
        nameof(PhoneAtNight) => PhoneAtNight,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such screen."),
    };
}
