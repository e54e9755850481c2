using System.Text;
using CsCheck;
using Postoffice.Transports.Failures;

namespace Postoffice.Transports.Tests.Failures;

public sealed class ErrorTextTests
{
    [Theory]
    [InlineData("Service Unavailable", "try later", "503 Service Unavailable: try later")]
    [InlineData("", "try later", "503: try later")]
    [InlineData(null, "", "503")]
    [InlineData("X", "a\r\nb\tc", "503 X: a  b c")]
    [InlineData("X", "a\u0000b\u001bc\u007f", "503 X: a\uFFFDb\uFFFDc\uFFFD")]
    [InlineData("X", "\u202Egnp.exe\u2028", "503 X: \uFFFDgnp.exe\uFFFD")]
    [InlineData("a\u001bb", "", "503 a\uFFFDb")]
    [InlineData("X", "grüße 😀", "503 X: grüße 😀")]
    public void An_answer_becomes_one_line(string? reason, string body, string expected) =>
        ErrorText.OfAnswer(503, reason, Encoding.UTF8.GetBytes(body), 4096).Should().Be(expected);

    [Fact]
    public void Bytes_that_are_no_text_are_replaced() => ErrorText.OfAnswer(500, "X", [0x61, 0xFF, 0xC3, 0x62, 0xE2, 0x82], 4096).Should().Be("500 X: a\uFFFD\uFFFDb\uFFFD");

    [Fact]
    public void Whatever_comes_the_text_is_short_and_printable() =>
        Gen.Select(Gen.Byte.Array[0, 6000], Gen.String[0, 200], Gen.Int[128, 4096]).Sample((body, reason, max) =>
        {
            var text = ErrorText.OfAnswer(500, reason, body, max);
            return Encoding.UTF8.GetByteCount(text) <= max && !text.Any(char.IsControl);
        }, iter: 1_000);
}
