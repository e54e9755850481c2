using Postoffice.Cluster;
using Postoffice.Ingestion;
using Postoffice.Pipeline;

namespace Postoffice;

/// <summary>All settings, bound from the configuration section <c>Postoffice</c>.</summary>
public sealed class PostofficeOptions
{
    /// <summary>The configuration section: <c>Postoffice</c>.</summary>
    public const string SectionName = "Postoffice";

    /// <summary>Whether the node brings the database schema to its version when it starts.</summary>
    /// <value>True. When false, run the host's <c>migrate</c> command before a new version starts.</value>
    public bool MigrateOnStart { get; set; } = true;

    /// <summary>How messages are taken in.</summary>
    public IngestionOptions Ingestion { get; } = new();

    /// <summary>How messages are delivered.</summary>
    public PipelineOptions Pipeline { get; } = new();

    /// <summary>How nodes share the publishers.</summary>
    public ClusterOptions Cluster { get; } = new();
}
