using Postoffice.Messages;

namespace Postoffice.Core.Tests.Messages;

public sealed class MessageRulesTests
{
    private static readonly string LoneSurrogate = ((char)0xD800).ToString();

    [Fact]
    public void A_plain_message_passes() => MessageRules.Check(new NewMessage { Payload = "{}"u8.ToArray() }).Should().BeNull();

    [Fact]
    public void A_message_at_every_limit_passes() => MessageRules.Check(new NewMessage
    {
        Payload = new byte[MessageRules.MaxPayloadBytes],
        ContentType = new string('a', 255),
        OrderingKey = new string('ü', 255),
        IdempotencyKey = new string('k', 255),
        Attributes = MessageAttributes.Create(Enumerable.Range(0, 100).Select(number =>
            new KeyValuePair<string, string>($"{number}".PadRight(256, 'n'), new string('v', 1_024)))),
    }).Should().BeNull();

    [Fact]
    public void An_empty_payload_passes() => MessageRules.Check(new NewMessage { Payload = default }).Should().BeNull();

    [Fact]
    public void A_payload_over_1_MiB_is_too_large()
    {
        var wrong = MessageRules.Check(new NewMessage { Payload = new byte[MessageRules.MaxPayloadBytes + 1] });

        wrong.Should().Be(("payload", "is too large: 1048577 bytes; at most 1048576 are allowed"));
    }

    [Fact]
    public void The_field_that_is_wrong_is_named()
    {
        FieldOf(new NewMessage { Payload = default, OrderingKey = "" }).Should().Be("ordering_key");
        FieldOf(new NewMessage { Payload = default, IdempotencyKey = "" }).Should().Be("idempotency_key");
        FieldOf(new NewMessage { Payload = default, ContentType = "" }).Should().Be("content_type");
        FieldOf(new NewMessage { Payload = default, Attributes = Attributes("", "value") }).Should().Be("attributes");

        static string? FieldOf(NewMessage message) => MessageRules.Check(message)?.Field;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("k")]
    [InlineData("customer 42")]
    [InlineData("ключ-🔑")]
    public void A_legal_key_passes(string? key) => MessageRules.CheckKey(key).Should().BeNull();

    [Fact]
    public void A_key_is_not_empty_not_too_long_and_has_no_control_characters()
    {
        MessageRules.CheckKey("").Should().Be("can't be blank");
        MessageRules.CheckKey(new string('k', 256)).Should().Be("is invalid: 256 characters; at most 255 are allowed");
        MessageRules.CheckKey("a\0b").Should().StartWith("is invalid");
        MessageRules.CheckKey("a\u001bb").Should().StartWith("is invalid");
        MessageRules.CheckKey("a\u0085b").Should().StartWith("is invalid");
        MessageRules.CheckKey(LoneSurrogate).Should().StartWith("is invalid");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain; charset=\"utf-8\"")]
    public void A_media_type_of_printable_ASCII_passes(string contentType) => MessageRules.CheckContentType(contentType).Should().BeNull();

    [Theory]
    [InlineData("")]
    [InlineData("text/plain\r\nx-evil: 1")]
    [InlineData("text/plain\0")]
    [InlineData("text/plän")]
    public void Another_media_type_is_refused(string contentType) => MessageRules.CheckContentType(contentType).Should().StartWith("is invalid");

    [Fact]
    public void A_media_type_has_at_most_255_characters() => MessageRules.CheckContentType(new string('a', 256)).Should().StartWith("is invalid");

    [Theory]
    [InlineData("shop", "")]
    [InlineData("shop", "Zürich 👍")]
    [InlineData("ключ", "value")]
    [InlineData("a b", "{\"x\": 1}")]
    public void A_legal_attribute_passes(string name, string value) => MessageRules.CheckAttributes(Attributes(name, value)).Should().BeNull();

    [Fact]
    public void More_than_100_attributes_are_refused() =>
        MessageRules.CheckAttributes(MessageAttributes.Create(Enumerable.Range(0, 101).Select(number => new KeyValuePair<string, string>($"{number}", ""))))
            .Should().Be("is invalid: 101 attributes; at most 100 are allowed");

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_attribute_without_a_name_is_refused(string name) =>
        MessageRules.CheckAttributes(Attributes(name, "value")).Should().Be("is invalid: an attribute's name can't be blank");

    [Fact]
    public void An_attribute_without_a_value_is_refused() => MessageRules.CheckAttributes(Attributes("shop", null!)).Should().Contain("\"shop\" is null");

    [Fact]
    public void Attributes_are_measured_in_bytes_of_UTF_8()
    {
        MessageRules.CheckAttributes(Attributes(new string('ü', 128), new string('ü', 512))).Should().BeNull();
        MessageRules.CheckAttributes(Attributes(new string('ü', 128) + "a", "")).Should().Contain("longer than 256 bytes");
        MessageRules.CheckAttributes(Attributes("a", new string('ü', 512) + "a")).Should().Contain("longer than 1024 bytes");
    }

    [Fact]
    public void Control_characters_in_attributes_are_refused_and_not_echoed()
    {
        foreach (var bad in new[] { "\0", "\r\n", "\u001b[31m", LoneSurrogate })
        {
            MessageRules.CheckAttributes(Attributes("shop", "a" + bad)).Should().Contain("control character");
            MessageRules.CheckAttributes(Attributes("shop" + bad, "a")).Should().Contain("control character").And.NotContain(bad);
        }
    }

    [Fact]
    public void A_long_name_is_shortened_in_the_error()
    {
        var error = MessageRules.CheckAttributes(Attributes(new string('n', 5_000), "value"));

        error.Should().Contain(new string('n', 40) + "…").And.NotContain(new string('n', 41));
    }

    private static MessageAttributes Attributes(string name, string value) => MessageAttributes.Create([new(name, value)]);
}
