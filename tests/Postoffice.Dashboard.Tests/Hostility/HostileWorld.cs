using System.Text;
using System.Text.Json;
using Postoffice.Dashboard.Tests.Hosting;
using Postoffice.Dashboard.Tests.Worlds;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.Dashboard.Tests.Hostility;

/// <summary>One topic for each hostile text, which stands wherever somebody else's text can: in names, targets, settings, messages, answers and errors.</summary>
internal sealed class HostileWorld(HostProcess host, ScriptedReceiver receiver, CancellationToken cancellationToken)
{
    private readonly List<Corner> _corners = [];

    /// <summary>What belongs to one text.</summary>
    /// <param name="Text">The hostile text, its topic's name too.</param>
    /// <param name="Keyed">A publisher that has dead letters and a blocked ordering key.</param>
    /// <param name="Retrying">A publisher with a parked delivery, whose error is the receiver's answer.</param>
    /// <param name="Idle">A paused publisher whose target is the text.</param>
    /// <param name="Message">Dead for one and parked for the other.</param>
    internal sealed record Corner(string Text, long Keyed, long Retrying, long Idle, Guid Message);

    public IReadOnlyList<Corner> Corners => _corners;

    /// <summary>Answers of receivers, one for each text: the text itself and what else a page may stumble over.</summary>
    public static ReadOnlyMemory<byte> AnswerTo(string text) => (byte[])
    [
        .. Encoding.UTF8.GetBytes(text), 0xC3, 0x28, 0xFF, 0xFE, 0x00, 0x1B, (byte)'[', (byte)'3', (byte)'1', (byte)'m', (byte)'\r', (byte)'\n', 0x07,
        .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("</pre></code><script>hit=1</script>", 120))),
    ];

    public async Task FillAsync(TestDatabase database)
    {
        receiver.AnswerBy(request => new ScriptedAnswer(500) { Body = AnswerTo(HostileText.All[request.Path[^1] - '0']) });
        for (var index = 0; index < HostileText.All.Count; index++)
        {
            _corners.Add(await AddAsync(index));
        }

        foreach (var corner in _corners)
        {
            await World.UntilAsync(async () => await host.Client.GetPublisherAsync(corner.Keyed, cancellationToken) is { Dead: 1, Parked: 1 }, cancellationToken);
            await World.UntilAsync(async () => await host.Client.GetPublisherAsync(corner.Retrying, cancellationToken) is { Parked: 2 }, cancellationToken);
        }

        await host.StopAsync(cancellationToken);
        await using (var rows = await OldRows.OpenAsync(host, database, cancellationToken))
        {
            foreach (var (corner, index) in _corners.Select((corner, index) => (corner, index)))
            {
                await rows.RenameTopicAsync($"topic{index}", corner.Text, cancellationToken);
                await rows.RedirectAsync(corner.Idle, corner.Text, cancellationToken);
                await rows.BlameAsync(corner.Keyed, corner.Text, cancellationToken);
            }
        }

        await host.StartAsync(cancellationToken);
    }

    private async Task<Corner> AddAsync(int index)
    {
        var (topic, text) = ($"topic{index}", HostileText.All[index]);
        await host.Client.PostJsonAsync("/api/topics", JsonSerializer.Serialize(new { name = topic, origin_host = "shop.example" }), cancellationToken);

        var target = $"{receiver.Target}?{Uri.EscapeDataString(text)}&{index}";
        var header = string.Concat(text.Where(character => character is >= ' ' and <= '~'));
        var keyed = await PublishAsync(new
        {
            active = true, topic, type = "http", target, max_attempts = 1, ordering = "key", on_key_failure = "block",
            headers = new Dictionary<string, string> { ["X-Note"] = header },
            filter = new { attributes = new Dictionary<string, object[]> { [text] = [text, new { prefix = "" }] } },
        });
        var retrying = await PublishAsync(new { active = true, topic, type = "http", target = $"{receiver.Target}/{index}", seconds_retry = 3600 });
        var idle = await PublishAsync(new { active = false, topic, type = "http", target = $"{receiver.Target}/idle" });

        var message = await SendAsync(topic, text);
        await SendAsync(topic, text);
        return new Corner(text, keyed, retrying, idle, message);
    }

    private async Task<long> PublishAsync(object publisher) =>
        (await host.Client.PostJsonAsync("/api/publishers", JsonSerializer.Serialize(publisher), cancellationToken)).GetProperty("id").GetInt64();

    private async Task<Guid> SendAsync(string topic, string text)
    {
        var attributes = new Dictionary<string, string> { [text] = text };
        var message = JsonSerializer.Serialize(new { topic, payload = new Dictionary<string, string> { [text] = text }, attributes, ordering_key = text });
        return (await host.Client.PostJsonAsync("/api/messages", message, cancellationToken)).GetProperty("id").GetGuid();
    }
}
