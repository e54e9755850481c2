using Postoffice.Activity;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>The data of an event.</summary>
/// <param name="At">When it was taken, by the clock of the store.</param>
/// <param name="Received">Messages received since ever.</param>
/// <param name="Delivered">Deliveries made by the publishers that are there.</param>
/// <param name="Change">Another one when something has changed.</param>
internal sealed record PulseResource(DateTime At, long Received, long Delivered, string Change)
{
    public static PulseResource From(Pulse pulse) => new(pulse.At.UtcDateTime, pulse.Received, pulse.Delivered, pulse.Change);
}
