using System.Text;
using Postoffice.Messages;

namespace Postoffice.Core.Tests.Messages;

public sealed class PayloadExcerptTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData("€")]
    [InlineData("🎉")]
    public void Two_hundred_characters_are_shown_and_none_is_cut(string character)
    {
        var payload = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(character, 1_000)));

        var excerpt = PayloadExcerpt.Of(payload.AsSpan()[..Math.Min(payload.Length, PayloadExcerpt.Bytes)]);

        excerpt.Should().Be(string.Concat(Enumerable.Repeat(character, 200)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_beginning_is_enough_wherever_its_last_character_lies(int before)
    {
        var text = new string('a', before) + string.Concat(Enumerable.Repeat("🎉", 1_000));

        PayloadExcerpt.Of(Encoding.UTF8.GetBytes(text).AsSpan()[..PayloadExcerpt.Bytes]).Should()
            .Be(new string('a', before) + string.Concat(Enumerable.Repeat("🎉", 200 - before)));
    }

    [Theory]
    [InlineData(new byte[0], "")]
    [InlineData(new byte[] { 0x61, 0x00, 0x62 }, "a\0b")]
    [InlineData(new byte[] { 0xFF, 0x61 }, "\uFFFDa")]
    [InlineData(new byte[] { 0x61, 0xE2, 0x82 }, "a\uFFFD")]
    [InlineData(new byte[] { 0xC0, 0xAF }, "\uFFFD\uFFFD")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "\uFFFD\uFFFD\uFFFD")]
    public void What_is_no_text_is_shown_as_such(byte[] payload, string excerpt) => PayloadExcerpt.Of(payload).Should().Be(excerpt);
}
