namespace Postoffice.Transports;

/// <summary>A transport that the application knows and has not set up. Register one in its place, and whoever asks for its type is told what is missing.</summary>
/// <param name="Type">The publisher type that it would serve, in lower case.</param>
/// <param name="Remedy">What to do, as a sentence's beginning: <c>set Postoffice:PubSub:ProjectId</c>.</param>
internal sealed record UnconfiguredTransport(string Type, string Remedy);
