using CsCheck;
using Postoffice.Outcomes;

namespace Postoffice.Core.Tests.Outcomes;

public class ErrorGroupTests
{
    [Theory]
    [InlineData(null, "connection refused", "no answer: connection refused")]
    [InlineData(null, "timeout after 30 s", "no answer: timeout after {n} s")]
    [InlineData(null, "", "no answer")]
    [InlineData(503, "503 Service Unavailable", "5xx: 503 Service Unavailable")]
    [InlineData(500, "500 Internal Server Error: 500 items left", "5xx: 500 Internal Server Error: {n} items left")]
    [InlineData(404, "4040 is no order", "4xx: {n} is no order")]
    [InlineData(302, "302", "3xx: 302")]
    [InlineData(700, "700 What", "7xx: 700 What")]
    public void Begins_with_the_class_of_the_status(int? status, string error, string group) => ErrorGroup.Of(status, error).Should().Be(group);

    [Theory]
    [InlineData("order 4711 is locked", "order {n} is locked")]
    [InlineData("order-4711, 3.5 kg, 1,000 pieces", "order-{n}, {n} kg, {n} pieces")]
    [InlineData("order 0198c5a0-7b1e-7c3a-9f00-0123456789ab not found", "order {id} not found")]
    [InlineData("order 0198C5A0-7B1E-7C3A-9F00-0123456789AB not found", "order {id} not found")]
    [InlineData("trace 0af7651916cd43dd8448eb211c80319c", "trace {id}")]
    [InlineData("commit deadbee5 at 0x7ffde4", "commit {id} at {id}")]
    [InlineData("req_01HZX4T5V6W7X8Y9Z0A1B2C3D4 failed", "req_{id} failed")]
    [InlineData("facade of cafe, defaced", "facade of cafe, defaced")]
    [InlineData("utf-8 over HTTP/1.1 with sha256 and h2c", "utf-{n} over HTTP/{n} with sha{n} and h{n}c")]
    [InlineData("10.0.0.17:54321 refused by 192.168.1.1", "{address} refused by {address}")]
    [InlineData("no route to [2001:db8::1]:443 or ::1.", "no route to {address} or {address}.")]
    [InlineData("fe80::1%2: unreachable", "{address}: unreachable")]
    [InlineData("at 2026-11-25T10:11:12.123Z: down", "at {time}: down")]
    [InlineData("at 2026-11-25 10:11:12,123+01:00, down", "at {time}, down")]
    [InlineData("2026/11/25 10:11 [error] 1#2: *3 upstream timed out", "{time} [error] {n}#{n}: *{n} upstream timed out")]
    [InlineData("until Sun, 06 Nov 1994 08:49:37 GMT", "until {time}")]
    [InlineData("back on 2026-11-25", "back on {time}")]
    [InlineData("std::string in a::b", "std::string in a::b")]
    [InlineData("user \"ann@example.org\" is unknown", "user {text} is unknown")]
    [InlineData("user 'ann' can't pay 'her' bill", "user {text} can't pay {text} bill")]
    [InlineData("column `id` of “orders”", "column {text} of {text}")]
    [InlineData("a \"quote that nobody closed 12", "a \"quote that nobody closed {n}")]
    [InlineData("  too\t\tmany \r\n blanks ", "too many blanks")]
    public void Replaces_what_differs_from_one_to_the_next(string error, string normal) =>
        ErrorGroup.Of(null, error).Should().Be("no answer: " + normal);

    [Theory]
    [InlineData("""{"error":"quota of 100 exceeded","tenant":"acme"}""", """{"error":"quota of {n} exceeded","tenant":{text}}""")]
    [InlineData("""{ "code": 17, "message": "no \"such\" order", "order": { "id": "o-1" } }""",
        """{ "code": {n}, "message": "no \"such\" order", "order": { "id": {text} } }""")]
    [InlineData("""{"ids":["a","b"]}""", """{"ids":[{text},{text}]}""")]
    public void Keeps_what_a_json_answer_calls_the_error_and_drops_whom_it_befell(string body, string normal) =>
        ErrorGroup.Of(422, "422 Unprocessable Entity: " + body).Should().Be("4xx: 422 Unprocessable Entity: " + normal);

    [Fact]
    public void The_same_error_of_different_messages_is_one_group()
    {
        var groups = Enumerable.Range(0, 1000).Select(i => ErrorGroup.Of(
            500,
            $"500 Internal Server Error: {{\"error\":\"deadlock on order {i}\",\"id\":\"{Guid.CreateVersion7()}\",\"at\":\"2026-01-01T00:00:{i % 60:00}Z\"}} from 10.0.0.{i % 256}:{40_000 + i}"));

        groups.Distinct().Should().ContainSingle();
    }

    [Fact]
    public void Is_cut_at_its_length_and_not_within_a_placeholder()
    {
        var group = ErrorGroup.Of(500, string.Join(' ', Enumerable.Range(0, 2000)));

        group.Length.Should().BeLessThanOrEqualTo(ErrorGroup.MaxLength).And.BeGreaterThan(ErrorGroup.MaxLength - 10);
        group.Should().EndWith("{n}");
        ErrorGroup.Of(500, new string('x', 4096)).Should().HaveLength(ErrorGroup.MaxLength);
    }

    [Fact]
    public void Any_text_has_a_group_and_always_the_same() => Gen.Select(Gen.Int[100, 599].Nullable(), Gen.String[0, 4096]).Sample((status, error) =>
    {
        var group = ErrorGroup.Of(status, error);
        group.Length.Should().BeLessThanOrEqualTo(ErrorGroup.MaxLength);
        group.Should().NotContain("\n").And.Be(ErrorGroup.Of(status, error));
    });

    [Theory]
    [InlineData("\"")]
    [InlineData("'")]
    [InlineData(" '")]
    [InlineData(":")]
    [InlineData("[")]
    [InlineData("0")]
    [InlineData("0:")]
    [InlineData("a1")]
    [InlineData("\\\"")]
    [InlineData("f:")]
    [InlineData("😀")]
    public void No_text_is_slow(string part)
    {
        var error = string.Concat(Enumerable.Repeat(part, 4096 / part.Length));
        ErrorGroup.Of(500, error);

        var start = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 20; i++)
        {
            ErrorGroup.Of(500, error);
        }

        TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(1), "each takes well below a millisecond");
    }
}
