using Postoffice.Deliveries;
using Postoffice.Publishers;
using Postoffice.Transports;

namespace Postoffice.AspNetCore.Tests.Server;

/// <summary>Stands in for HTTP: accepts every delivery, and knows an https URL by its host in lower case.</summary>
internal sealed class TakingTransport : ITransport
{
    public string Type => "http";

    public TargetCheck CheckTarget(string target, PublisherSettings settings) =>
        Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "https"
            ? new TargetCheck(uri.AbsoluteUri, null)
            : new TargetCheck(null, "is invalid: give an https URL");

    public ISender CreateSender(Publisher publisher, int maxInFlight) => new Sender();

    private sealed class Sender : ISender
    {
        public ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken) => new(new SendResult(SendOutcome.Accepted, 204));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
