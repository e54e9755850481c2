using Postoffice.AspNetCore.Api.Reading;

namespace Postoffice.AspNetCore.Tests.Reading;

public sealed class MediaTypesTests
{
    [Theory]
    [InlineData("application/json", true)]
    [InlineData("APPLICATION/Json", true)]
    [InlineData("application/json; charset=utf-8", true)]
    [InlineData("application/json;charset=\"UTF-8\"", true)]
    [InlineData("application/json; profile=x", true)]
    [InlineData("application/vnd.api+json", true)]
    [InlineData("application/json; charset=utf8", false)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("application/json; charset=iso-8859-1", false)]
    [InlineData("application/jsonp", false)]
    [InlineData("application/*", false)]
    [InlineData("*/*", false)]
    [InlineData("text/json", false)]
    [InlineData("text/plain", false)]
    [InlineData("json", false)]
    [InlineData("", false)]
    public void Json_in_utf8_and_nothing_else(string contentType, bool isJson) => MediaTypes.IsJson(contentType).Should().Be(isJson);

    [Fact]
    public void A_missing_or_repeated_header_is_no_json()
    {
        MediaTypes.IsJson(default).Should().BeFalse();
        MediaTypes.IsJson(new(["application/json", "application/json"])).Should().BeFalse();
    }
}
