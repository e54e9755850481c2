using System.Globalization;
using Postoffice.Testing.Hosting;

namespace Postoffice.Load.Steps;

/// <summary>One of this program's servers as a process of its own: <c>receiver</c> or <c>bare</c>.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    private ServerProcess(ChildProcess process, Uri address)
    {
        _process = process;
        Address = address;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public Uri Address { get; }

    public static async Task<ServerProcess> StartAsync(string kind)
    {
        var port = FreePort.Take();
        var process = await ChildProcess.StartServerAsync(
            typeof(ServerProcess).Assembly.Location, [kind, port.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
        return new ServerProcess(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public Uri Target(string path) => new(Address, path);

    /// <summary>Waits until so many different messages have come to the target, or for five minutes.</summary>
    /// <returns>How many requests and how many messages have come.</returns>
    public async Task<(int Requests, int Messages)> WaitAsync(Uri target, int messages)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await AskAsync(target, messages, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return await AskAsync(target, 0, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<(int Requests, int Messages)> AskAsync(Uri target, int messages, CancellationToken cancellationToken)
    {
        var answer = (await _client.GetStringAsync(new Uri($"{target}?count={messages}"), cancellationToken)).Split(' ');
        return (int.Parse(answer[0], CultureInfo.InvariantCulture), int.Parse(answer[1], CultureInfo.InvariantCulture));
    }
}
