using Microsoft.Extensions.Options;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Transports.Failures;

namespace Postoffice.Transports.PubSub;

/// <summary>Delivers to Google Cloud Pub/Sub.</summary>
internal sealed class PubSubTransport(IOptions<PubSubTransportOptions> options, PubSubCredentials credentials, TimeProvider time) : ITransport
{
    public const string TypeName = "pubsub";

    /// <summary>Of messages of a kilobyte a call with a hundred takes little longer than a call with one, and not much is lost when one fails.</summary>
    private const int DefaultBatchSize = 100;

    public string Type => TypeName;

    public TargetCheck CheckTarget(string target, PublisherSettings settings) => PubSubTarget.Check(target, options.Value.ProjectId);

    public string? CheckAttributes(MessageAttributes attributes) => PubSubLimits.CheckAttributes(attributes);

    public int MaxBatchSize(PublisherSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Math.Clamp(settings.ChunkSize ?? DefaultBatchSize, 1, PubSubLimits.MaxMessages);
    }

    public ISender CreateSender(Publishers.Publisher publisher, int maxInFlight)
    {
        ArgumentNullException.ThrowIfNull(publisher);

        // Judged again: the row may come from an older version or from somebody's SQL.
        var check = PubSubTarget.Check(publisher.Target, options.Value.ProjectId);
        var timeout = publisher.Settings.Timeout;
        if ((check.Error is { } targetError ? $"target {targetError}" : AttemptTimeout.Check(timeout)) is { } error)
        {
            return new RefusingSender($"publisher {publisher.Id} can't send: {error}");
        }

        return new PubSubSender(
            new GrpcPublisher(check.Target!, PubSubEndpoint.Of(options.Value), credentials, options.Value.ConnectTimeout),
            new PubSubMessages(publisher.Settings.Ordering == DeliveryOrdering.Key),
            check.Target!,
            timeout,
            time);
    }
}
