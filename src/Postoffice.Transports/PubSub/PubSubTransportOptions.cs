namespace Postoffice.Transports.PubSub;

/// <summary>How Google Cloud Pub/Sub is reached: section <c>Postoffice:PubSub</c>. What differs from publisher to publisher stands in its settings.</summary>
public sealed class PubSubTransportOptions
{
    internal const string SectionName = "Postoffice:PubSub";

    /// <summary>The Google Cloud project of targets that are a topic id alone.</summary>
    /// <value>
    /// <c>GCLOUD_PUBSUB_PROJECT_ID</c> of the configuration or the environment, else none (null), unless set. Without one a target must be a full
    /// <c>projects/PROJECT/topics/TOPIC</c>.
    /// </value>
    public string? ProjectId { get; set; }

    /// <summary>Where the service answers.</summary>
    /// <value><c>https://pubsub.googleapis.com</c>. Plain <c>http</c> is for this machine only: an access token must not travel in the clear.</value>
    public Uri Endpoint { get; set; } = new("https://pubsub.googleapis.com");

    /// <summary>The <c>HOST:PORT</c> of an emulator, which is called instead of <see cref="Endpoint"/>, in the clear and without credentials.</summary>
    /// <value><c>PUBSUB_EMULATOR_HOST</c> of the configuration or the environment, else none (null), unless set.</value>
    public string? EmulatorHost { get; set; }

    /// <summary>The path of a credentials file, as Google hands it out for a service account or a workload identity.</summary>
    /// <value>
    /// <c>GOOGLE_APPLICATION_CREDENTIALS</c> of the configuration or the environment, else none (null), unless set. Without one Google's application default
    /// credentials are used: those of the <c>gcloud</c> tool, or of the machine that this runs on.
    /// </value>
    public string? CredentialsFile { get; set; }

    /// <summary>How long connecting may take: name resolution, TCP and TLS. The publisher's timeout covers it too; the shorter one decides.</summary>
    /// <value>5 seconds; 100 milliseconds to 2 minutes.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
