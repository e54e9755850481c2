using System.Text;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;

namespace Postoffice.AspNetCore.Tests.Reading;

public sealed class FieldsTests
{
    [Theory]
    [InlineData("""{"name":"a","origin_host":"b"}""", null)]
    [InlineData("""{"name":"a","origin_host":"b","x":{"name":1,"name":2}}""", null)]
    [InlineData("""{"x":1,"x":2,"name":"a","origin_host":"b"}""", null)]
    [InlineData("""{"\u006eame":"a","origin_host":"b"}""", null)]
    [InlineData("""{"name":"a","name":"a","origin_host":"b"}""", "duplicate-key")]
    [InlineData("""{"NAME":"a","name":"a","origin_host":"b"}""", "duplicate-key")]
    [InlineData("""{"name":"a","Origin_Host":"a","origin_host":"b"}""", "duplicate-key")]
    [InlineData("""{"Name":"a","origin_host":"b"}""", "validation")]
    [InlineData("""{"name":"a","origin_host":"b"} {}""", "invalid-json")]
    [InlineData("""{"name":"a","origin_host":"\udc00"}""", "invalid-json")]
    [InlineData("""{"name":"a","name":"b","origin_host":""", "invalid-json")]
    public void A_request_is_judged_without_a_server(string body, string? problem)
    {
        var isRead = TopicRequest.TryRead(Encoding.UTF8.GetBytes(body), out var topic, out var found);

        isRead.Should().Be(problem is null);
        found?.Slug.Should().Be(problem);
        topic?.Name.Should().Be("a");
    }

    [Fact]
    public void An_error_of_ours_stands_beside_the_originals_word()
    {
        FieldErrors.Single("name", "is invalid: too long").Errors!["name"].Should().Equal("is invalid", "is invalid: too long");
        FieldErrors.Single("name", "is invalid").Errors!["name"].Should().Equal("is invalid");
        FieldErrors.Single("name", "can't be blank").Errors!["name"].Should().Equal("can't be blank");
    }

    [Fact]
    public void What_is_quoted_is_short_and_harmless() =>
        Text.Shorten("a\u001b\ud800" + new string('x', 100)).Should().Be("a\uFFFD\uFFFD" + new string('x', 37) + "…");
}
