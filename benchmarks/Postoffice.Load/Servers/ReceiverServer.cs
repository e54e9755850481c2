using System.Collections.Concurrent;
using System.Globalization;

namespace Postoffice.Load.Servers;

/// <summary>
/// A receiver as fast as Kestrel makes it: takes a POST on any path, reads the body, notes the <c>message-id</c>, answers 204.
/// <c>GET path?count=N</c> answers once N different messages have come to the path, with how many requests and messages that took.
/// </summary>
internal static class ReceiverServer
{
    private static readonly ConcurrentDictionary<string, Tally> Tallies = new();

    public static async Task RunAsync(int port)
    {
        await using var app = BareServer.Build(port);
        app.Run(context => HttpMethods.IsPost(context.Request.Method) ? TakeAsync(context) : TellAsync(context));
        await app.RunAsync();
    }

    private static async Task TakeAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        Tallies.GetOrAdd(context.Request.Path.Value!, _ => new Tally()).Add(Guid.Parse(context.Request.Headers["message-id"].ToString()));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task TellAsync(HttpContext context)
    {
        var count = int.Parse(context.Request.Query["count"].ToString(), CultureInfo.InvariantCulture);
        var tally = Tallies.GetOrAdd(context.Request.Path.Value!, _ => new Tally());
        await tally.WaitAsync(count).WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync($"{tally.Requests} {tally.Messages}", context.RequestAborted);
    }

    private sealed class Tally
    {
        private readonly Lock _lock = new();
        private readonly HashSet<Guid> _ids = [];
        private (int Count, TaskCompletionSource Reached)? _awaited;

        public int Requests { get; private set; }

        public int Messages => _ids.Count;

        public void Add(Guid id)
        {
            lock (_lock)
            {
                Requests++;
                _ids.Add(id);
                if (_awaited is { } awaited && _ids.Count >= awaited.Count)
                {
                    awaited.Reached.TrySetResult();
                }
            }
        }

        public Task WaitAsync(int count)
        {
            lock (_lock)
            {
                _awaited = (count, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                if (_ids.Count >= count)
                {
                    _awaited.Value.Reached.SetResult();
                }

                return _awaited.Value.Reached.Task;
            }
        }
    }
}
