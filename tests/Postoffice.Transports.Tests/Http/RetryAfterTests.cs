using Postoffice.Transports.Http;

namespace Postoffice.Transports.Tests.Http;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 21, 7, 28, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("2", 2)]
    [InlineData(" 120 ", 120)]
    [InlineData("2147483647", 2_147_483_647)]
    [InlineData("Wed, 21 Oct 2026 07:29:00 GMT", 60)]
    [InlineData("Wednesday, 21-Oct-26 07:29:00 GMT", 60)]
    [InlineData("Wed Oct 21 07:29:00 2026", 60)]
    [InlineData("Sun Nov  1 07:28:00 2026", 11 * 24 * 3600)]
    public void A_pause_is_understood(string value, int seconds) => RetryAfter.Parse(value, Now).Should().Be(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("-5")]
    [InlineData("+5")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("2147483648")]
    [InlineData("99999999999")]
    [InlineData("99999999999999999999999999")]
    [InlineData("soon")]
    [InlineData("5 seconds")]
    [InlineData("Wed, 21 Oct 2026 07:28:00 GMT")]
    [InlineData("Wed, 21 Oct 2015 07:28:00 GMT")]
    [InlineData("Wed, 32 Oct 2026 07:28:00 GMT")]
    [InlineData("2026-10-21T07:29:00Z")]
    public void Anything_else_is_no_pause(string? value) => RetryAfter.Parse(value, Now).Should().BeNull();
}
