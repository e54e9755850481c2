using Postoffice.Deliveries;
using Postoffice.Outcomes;
using Postoffice.Transports;

namespace Postoffice.Pipeline;

/// <summary>An attempt that has come to its end.</summary>
/// <param name="Delivery">What was sent.</param>
/// <param name="Result">What came of it.</param>
/// <param name="Decision">What follows.</param>
internal readonly record struct Attempted(Delivery Delivery, SendResult Result, Decision Decision);
