namespace Postoffice.EndToEnd.Tests.Storages;

/// <summary>What the host under test keeps its messages in.</summary>
public enum StorageKind
{
    Sqlite,
    Postgres,
}
