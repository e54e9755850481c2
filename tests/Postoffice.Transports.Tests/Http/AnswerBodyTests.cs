using System.Text;
using Postoffice.Transports.Http;

namespace Postoffice.Transports.Tests.Http;

public sealed class AnswerBodyTests
{
    [Fact]
    public async Task Of_an_endless_body_no_byte_more_than_the_limit_is_read()
    {
        await using var body = new EndlessStream();

        var kept = await ReadAsync(body, maxBytes: 64 * 1024, keep: 4096);

        kept.Should().HaveLength(4096);
        body.BytesRead.Should().Be(64 * 1024);
    }

    [Fact]
    public async Task A_short_body_is_read_to_its_end()
    {
        using var body = new MemoryStream(Encoding.ASCII.GetBytes("short"));

        (await ReadAsync(body, 65_536, 4096)).Should().Be("short");
    }

    [Fact]
    public async Task Nothing_is_kept_when_nothing_is_wanted()
    {
        await using var body = new EndlessStream();

        (await ReadAsync(body, 10_000, keep: 0)).Should().BeEmpty();
        body.BytesRead.Should().Be(10_000);
    }

    [Fact]
    public async Task A_body_that_breaks_off_leaves_what_came()
    {
        await using var body = new EndlessStream { FailAfter = 3 };

        (await ReadAsync(body, 65_536, 4096)).Should().Be("xxx");
    }

    private static async Task<string?> ReadAsync(Stream body, int maxBytes, int keep) =>
        await AnswerBody.ReadAsync(body, maxBytes, keep, static (_, bytes) => Encoding.ASCII.GetString(bytes), 0, TestContext.Current.CancellationToken);

    private sealed class EndlessStream : Stream
    {
        public int BytesRead { get; private set; }

        public int FailAfter { get; init; } = int.MaxValue;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = Math.Min(count, FailAfter - BytesRead);
            if (count == 0)
            {
                throw new IOException("broken off");
            }

            buffer.AsSpan(offset, count).Fill((byte)'x');
            BytesRead += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
