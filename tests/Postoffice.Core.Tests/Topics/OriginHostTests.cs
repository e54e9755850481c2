using Postoffice.Topics;

namespace Postoffice.Core.Tests.Topics;

public sealed class OriginHostTests
{
    [Theory]
    [InlineData("sender.example")]
    [InlineData("b")]
    [InlineData("sender.example:8080")]
    [InlineData("http://sender.example")]
    [InlineData("https://sender.example:8443/api")]
    [InlineData("127.0.0.1:4000")]
    [InlineData("[::1]:4000")]
    [InlineData("bücher.example")]
    public void A_host_passes(string originHost) => OriginHost.Check(originHost).Should().BeNull();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void A_blank_host_is_refused(string? originHost) => OriginHost.Check(originHost).Should().Be("can't be blank");

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("ftp://sender.example")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://")]
    [InlineData("http://user:password@sender.example")]
    [InlineData("user@sender.example")]
    [InlineData("sender.example:99999")]
    [InlineData("sender example")]
    [InlineData("sender.example\r\nhost: evil")]
    [InlineData("sender.example\\@evil.example")]
    [InlineData("sender.example\0")]
    [InlineData(" sender.example")]
    public void What_is_no_host_is_refused(string originHost) => OriginHost.Check(originHost).Should().StartWith("is invalid");

    [Fact]
    public void A_host_has_at_most_255_characters()
    {
        var path = "http://sender.example/";

        OriginHost.Check(path.PadRight(255, 'a')).Should().BeNull();
        OriginHost.Check(path.PadRight(256, 'a')).Should().Be("is invalid: 256 characters; at most 255 are allowed");
    }
}
