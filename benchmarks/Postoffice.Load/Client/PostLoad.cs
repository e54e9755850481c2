namespace Postoffice.Load.Client;

/// <summary>Posts one message again and again over a number of connections.</summary>
internal static class PostLoad
{
    public static async Task<Measured> RunAsync(Uri address, ReadOnlyMemory<byte> body, int posts, int connections)
    {
        var request = PostConnection.Request(address, "/api/messages", body.Span);
        var open = Enumerable.Range(0, connections).Select(_ => new PostConnection()).ToArray();
        try
        {
            await Task.WhenAll(open.Select(connection => connection.ConnectAsync(address)));
            return await Workers.RunAsync(posts, connections, worker => open[worker].PostAsync(request));
        }
        finally
        {
            Array.ForEach(open, connection => connection.Dispose());
        }
    }
}
