using Postoffice.AspNetCore.Api.Reading;

namespace Postoffice.AspNetCore.Tests.Reading;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2030-01-31T12:34:56Z", "2030-01-31T12:34:56.0000000Z")]
    [InlineData("2030-01-31t12:34:56z", "2030-01-31T12:34:56.0000000Z")]
    [InlineData("2030-01-31 12:34:56Z", "2030-01-31T12:34:56.0000000Z")]
    [InlineData("2030-01-31T12:34:56+02:00", "2030-01-31T10:34:56.0000000Z")]
    [InlineData("2030-01-31T12:34:56-00:00", "2030-01-31T12:34:56.0000000Z")]
    [InlineData("2030-01-31T12:34:56+14:00", "2030-01-30T22:34:56.0000000Z")]
    [InlineData("2030-01-31T12:34:56-14:00", "2030-02-01T02:34:56.0000000Z")]
    [InlineData("2030-01-31T12:34:56.5Z", "2030-01-31T12:34:56.5000000Z")]
    [InlineData("2030-01-31T12:34:56.1234567Z", "2030-01-31T12:34:56.1234567Z")]
    [InlineData("2030-01-31T12:34:56.123456789Z", "2030-01-31T12:34:56.1234567Z")]
    [InlineData("2028-02-29T00:00:00Z", "2028-02-29T00:00:00.0000000Z")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.0000000Z")]
    [InlineData("9998-12-31T23:59:59.999999999-14:00", "9999-01-01T13:59:59.9999999Z")]
    public void A_point_in_time_is_read(string text, string utc)
    {
        Rfc3339.TryParse(text, out var value).Should().BeTrue();
        value.UtcDateTime.ToString("O").Should().Be(utc);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tomorrow")]
    [InlineData("1893456000")]
    [InlineData("2030-01-01")]
    [InlineData("2030-01-01T00:00Z")]
    [InlineData("2030-01-01T00:00:00")]
    [InlineData("2030-01-01T00:00:00.000")]
    [InlineData("2030-01-01T00:00:00.Z")]
    [InlineData("2030-01-01T00:00:00,5Z")]
    [InlineData("2030-01-01T00:00:00.1234567890Z")]
    [InlineData("2030-01-01T00:00:00+2:00")]
    [InlineData("2030-01-01T00:00:00+0200")]
    [InlineData("2030-01-01T00:00:00+02")]
    [InlineData("2030-01-01T00:00:00+14:01")]
    [InlineData("2030-01-01T00:00:00+25:00")]
    [InlineData("2030-01-01T00:00:00+02:60")]
    [InlineData("2030-01-01T00:00:00\u221202:00")]
    [InlineData("2030-01-01T00:00:00 Z")]
    [InlineData("2030-01-01T00:00:00ZZ")]
    [InlineData("2030-01-01T00:00:00Z\0")]
    [InlineData(" 2030-01-01T00:00:00Z")]
    [InlineData("2030-1-1T00:00:00.000Z")]
    [InlineData("2030-02-30T00:00:00Z")]
    [InlineData("2027-02-29T00:00:00Z")]
    [InlineData("2030-00-01T00:00:00Z")]
    [InlineData("2030-13-01T00:00:00Z")]
    [InlineData("2030-01-01T24:00:00Z")]
    [InlineData("2030-01-01T00:60:00Z")]
    [InlineData("2030-01-01T00:00:60Z")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("9999-01-01T00:00:00Z")]
    [InlineData("+030-01-01T00:00:00Z")]
    [InlineData("\u0662\u0660\u0663\u0660-01-01T00:00:00Z")]
    [InlineData("2030-W05-1T00:00:00Z")]
    public void Anything_else_is_refused(string? text) => Rfc3339.TryParse(text, out _).Should().BeFalse();
}
