using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postoffice.Storage;

namespace Postoffice.Activity;

/// <summary>A sign of life that tells whether anything has changed.</summary>
/// <param name="At">When it was taken, by the clock of the store.</param>
/// <param name="Received">Messages received since ever.</param>
/// <param name="Delivered">Deliveries made by the publishers that are not deleted.</param>
/// <param name="Change">Another one when something that people look at has changed; the same on each node.</param>
internal sealed record Pulse(DateTimeOffset At, long Received, long Delivered, string Change)
{
    private const int ChangeBytes = 8;

    public static Pulse From(PulseReading reading)
    {
        var facts = string.Join(',', reading.Facts.Select(fact => fact.ToString(CultureInfo.InvariantCulture)));
        var all = string.Create(CultureInfo.InvariantCulture, $"{reading.Received},{reading.Delivered},{facts}");
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(all));
        return new Pulse(reading.At, reading.Received, reading.Delivered, Convert.ToHexStringLower(hash.AsSpan(0, ChangeBytes)));
    }
}
