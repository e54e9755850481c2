using Postoffice.Transports.Http;

namespace Postoffice.Transports.Tests.Http;

public sealed class HttpResultClassifierTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 21, 7, 28, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, SendOutcome.Unavailable)]
    [InlineData(100, SendOutcome.Unavailable)]
    [InlineData(101, SendOutcome.Unavailable)]
    [InlineData(199, SendOutcome.Unavailable)]
    [InlineData(200, SendOutcome.Accepted)]
    [InlineData(202, SendOutcome.Accepted)]
    [InlineData(204, SendOutcome.Accepted)]
    [InlineData(299, SendOutcome.Accepted)]
    [InlineData(300, SendOutcome.Rejected)]
    [InlineData(301, SendOutcome.Rejected)]
    [InlineData(304, SendOutcome.Rejected)]
    [InlineData(399, SendOutcome.Rejected)]
    [InlineData(400, SendOutcome.Rejected)]
    [InlineData(401, SendOutcome.Rejected)]
    [InlineData(404, SendOutcome.Rejected)]
    [InlineData(408, SendOutcome.Unavailable)]
    [InlineData(409, SendOutcome.Rejected)]
    [InlineData(410, SendOutcome.Gone)]
    [InlineData(413, SendOutcome.Rejected)]
    [InlineData(425, SendOutcome.Unavailable)]
    [InlineData(429, SendOutcome.Throttled)]
    [InlineData(499, SendOutcome.Rejected)]
    [InlineData(500, SendOutcome.Unavailable)]
    [InlineData(501, SendOutcome.Unavailable)]
    [InlineData(503, SendOutcome.Unavailable)]
    [InlineData(599, SendOutcome.Unavailable)]
    [InlineData(600, SendOutcome.Unavailable)]
    [InlineData(999, SendOutcome.Unavailable)]
    public void A_status_means(int status, SendOutcome outcome) => HttpResultClassifier.Classify(status, null, Now, null).Outcome.Should().Be(outcome);

    [Theory]
    [InlineData(200, SendOutcome.Accepted, null)]
    [InlineData(301, SendOutcome.Rejected, 7)]
    [InlineData(429, SendOutcome.Throttled, 7)]
    [InlineData(500, SendOutcome.Unavailable, 7)]
    [InlineData(503, SendOutcome.Throttled, 7)]
    public void A_pause_counts_unless_the_message_was_taken(int status, SendOutcome outcome, int? seconds)
    {
        var result = HttpResultClassifier.Classify(status, "7", Now, null);

        result.Outcome.Should().Be(outcome);
        result.RetryAfter.Should().Be(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));
    }

    [Fact]
    public void A_pause_that_cannot_be_read_throttles_nothing() =>
        HttpResultClassifier.Classify(503, "1.5", Now, "e").Should().Be(new SendResult(SendOutcome.Unavailable, 503, "e"));
}
