using Postoffice.Load.Client;

namespace Postoffice.Load.Steps;

/// <summary>The database of a run: the host's, and that of the loop which inserts row by row.</summary>
internal interface ILoadDatabase : IAsyncDisposable
{
    /// <summary>What it is and how safe it writes, for the report.</summary>
    string Description { get; }

    /// <summary>Environment variables that make the host use it.</summary>
    IReadOnlyDictionary<string, string> HostSettings { get; }

    /// <summary>Makes the table for <see cref="InsertAsync"/>.</summary>
    Task PrepareAsync(int connections);

    /// <summary>One message a transaction, as many at once as there are connections.</summary>
    Task<Measured> InsertAsync(byte[] payload, int rows);
}
