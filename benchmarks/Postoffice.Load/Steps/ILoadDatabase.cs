using Postoffice.Load.Client;

namespace Postoffice.Load.Steps;

/// <summary>The database of a run: the host's, and that of the loop which inserts row by row.</summary>
internal interface ILoadDatabase : IAsyncDisposable
{
    /// <summary>What it is and how safe it writes, for the report.</summary>
    string Description { get; }

    /// <summary>Environment variables that make the host use it.</summary>
    IReadOnlyDictionary<string, string> HostSettings { get; }

    /// <summary>Whether a commit is on the disk when it returns.</summary>
    bool IsDurable { get; }

    /// <summary>One message a transaction, on a number of connections at once.</summary>
    Task<Measured> InsertAsync(byte[] payload, int rows, int connections);
}
