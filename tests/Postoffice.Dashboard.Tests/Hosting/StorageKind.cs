namespace Postoffice.Dashboard.Tests.Hosting;

/// <summary>What the host under test keeps its messages in.</summary>
public enum StorageKind
{
    Sqlite,
    Postgres,
}
