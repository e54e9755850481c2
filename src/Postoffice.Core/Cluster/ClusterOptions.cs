namespace Postoffice.Cluster;

/// <summary>How nodes share the publishers: section <c>Postoffice:Cluster</c>.</summary>
public sealed class ClusterOptions
{
    /// <summary>How long a node may run a publisher without renewing its lease.</summary>
    /// <value>10 seconds; 2 seconds to 10 minutes. Must be at least three times <see cref="RenewInterval"/>.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the node renews its leases, in one statement for all.</summary>
    /// <value>3 seconds; 100 milliseconds to 3 minutes.</value>
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long before its lease runs out a node stops sending for a publisher.</summary>
    /// <value>1 second; less than <see cref="LeaseDuration"/> − 2 × <see cref="RenewInterval"/>.</value>
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromSeconds(1);
}
