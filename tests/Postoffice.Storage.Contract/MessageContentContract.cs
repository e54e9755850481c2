using System.Text;
using Postoffice.Messages;

namespace Postoffice.Storage.Contract;

/// <summary>Bytes in = bytes out: what a log and its staging keep of a message.</summary>
public abstract class MessageContentContract : StorageContract
{
    public static TheoryData<string, byte[]> Payloads => new()
    {
        { "empty", [] },
        { "odd spacing", Encoding.UTF8.GetBytes(" {\t\"a\" :1 ,\r\n\"b\": [ ] }\n") },
        { "duplicate keys", """{"a":1,"a":2}"""u8.ToArray() },
        { "a number no double holds", """{"n":1e400,"m":0.10000000000000000000001,"z":-0}"""u8.ToArray() },
        { "escaped NUL", """{"a":"\u0000"}"""u8.ToArray() },
        { "escaped lone surrogate", """{"a":"\ud800","b":"\udfff"}"""u8.ToArray() },
        { "emoji", Encoding.UTF8.GetBytes("""{"a":"👩‍👩‍👧 é e\u0301"}""") },
        { "a byte order mark", [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}'] },
        { "not JSON", "no { json"u8.ToArray() },
        { "NUL bytes", [0x00, 0x01, 0x00] },
        { "invalid UTF-8", [0xFF, 0xFE, 0xC3, 0x28, 0xED, 0xA0, 0x80, 0x00] },
        { "every byte", [.. Enumerable.Range(0, 256).Select(value => (byte)value)] },
    };

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task A_payload_is_kept_byte_for_byte(string what, byte[] payload)
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage(payload));

        (await ReadAllAsync(topic)).Should().ContainSingle().Which.Payload.ToArray().Should().Equal(payload, "{0} is kept as it is", what);
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task A_staged_payload_is_kept_byte_for_byte(string what, byte[] payload)
    {
        var topic = await AddTopicAsync();
        var message = NewMessage(payload);
        await Store.Staged.StageAsync(new StagedMessage(topic.Id, message, await Store.NowAsync()), Cancel);

        (await Store.Staged.FindAsync(message.Id, Cancel))!.Message.Payload.ToArray().Should().Equal(payload, "{0} is kept as it is", what);
        await Store.Staged.RelayDueAsync(10, Cancel);
        (await ReadAllAsync(topic)).Should().ContainSingle().Which.Payload.ToArray().Should().Equal(payload, "{0} is kept as it is", what);
    }

    [Fact]
    public async Task A_payload_of_1_MiB_is_kept_byte_for_byte()
    {
        var payload = new byte[MessageRules.MaxPayloadBytes];
        new Random(1).NextBytes(payload);
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage(payload));

        (await ReadAllAsync(topic)).Should().ContainSingle().Which.Payload.Span.SequenceEqual(payload).Should().BeTrue();
    }

    [Fact]
    public async Task A_slice_of_a_larger_buffer_is_kept_alone_and_the_buffer_may_be_used_again()
    {
        var buffer = "before{}after"u8.ToArray();
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage(buffer.AsMemory(6, 2)));
        Array.Clear(buffer);

        Text((await ReadAllAsync(topic)).Should().ContainSingle().Subject).Should().Be("{}");
    }

    [Fact]
    public async Task A_message_comes_back_with_all_that_it_bears()
    {
        var topic = await AddTopicAsync();
        var sent = FullMessage();
        await AppendAsync(topic, sent);

        ShouldBear(await Store.Log.FindAsync(sent.Id, Cancel), sent);
        ShouldBear((await ReadAllAsync(topic)).Should().ContainSingle().Subject, sent);
    }

    [Fact]
    public async Task A_staged_message_comes_back_with_all_that_it_bears()
    {
        var topic = await AddTopicAsync();
        var sent = FullMessage();
        await Store.Staged.StageAsync(new StagedMessage(topic.Id, sent, await Store.NowAsync()), Cancel);

        (await Store.Staged.FindAsync(sent.Id, Cancel))!.Message.Should().BeEquivalentTo(sent, options => options.Excluding(message => message.Payload));
        await Store.Staged.RelayDueAsync(10, Cancel);
        ShouldBear(await Store.Log.FindAsync(sent.Id, Cancel), sent);
    }

    [Fact]
    public async Task A_plain_message_comes_back_plain()
    {
        var topic = await AddTopicAsync();
        await AppendAsync(topic, NewMessage());

        var message = (await ReadAllAsync(topic)).Should().ContainSingle().Subject;

        message.Attributes.Count.Should().Be(0);
        message.ContentType.Should().Be("application/json");
        message.OrderingKey.Should().BeNull();
        message.TraceParent.Should().BeNull();
    }

    [Fact]
    public async Task Messages_of_one_append_keep_what_is_theirs()
    {
        var topic = await AddTopicAsync();
        var full = FullMessage();
        var plain = NewMessage();
        await Store.Log.AppendAsync(topic.Id, [Request(plain), Request(full)], Cancel);

        ShouldBear(await Store.Log.FindAsync(plain.Id, Cancel), plain);
        ShouldBear(await Store.Log.FindAsync(full.Id, Cancel), full);
    }

    private static NewMessage FullMessage() => new()
    {
        Payload = "<order/>"u8.ToArray(),
        ContentType = "application/xml; charset=\"utf-8\"",
        Attributes = MessageAttributes.Create(
        [
            new("shop", "Zürich, 日本 👩‍👩‍👧"),
            new("ключ", "'; -- \"quoted\" \\ {}"),
            new("Shop", "case matters"),
            new("empty", ""),
        ]),
        OrderingKey = "customer-ü-👍",
        IdempotencyKey = "key-ß-🔑",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    private static void ShouldBear(Message? found, NewMessage sent)
    {
        found.Should().NotBeNull();
        found!.Id.Should().Be(sent.Id);
        found.Payload.ToArray().Should().Equal(sent.Payload.ToArray());
        found.ContentType.Should().Be(sent.ContentType);
        found.Attributes.Should().Equal(sent.Attributes);
        found.OrderingKey.Should().Be(sent.OrderingKey);
        found.TraceParent.Should().Be(sent.TraceParent);
    }
}
