using CsCheck;
using Postoffice.Transports.Http;

namespace Postoffice.Transports.Tests.Http;

public sealed class HttpTargetTests
{
    [Theory]
    [InlineData("https://receiver.example/hook", "https://receiver.example/hook")]
    [InlineData("HTTPS://Receiver.Example:443/a/../hook", "https://receiver.example/hook")]
    [InlineData("http://receiver.example", "http://receiver.example/")]
    [InlineData("http://receiver.example:80/", "http://receiver.example/")]
    [InlineData("http://receiver.example:/", "http://receiver.example/")]
    [InlineData("http://receiver.example:443/", "http://receiver.example:443/")]
    [InlineData("http://receiver.example:8080/Hook", "http://receiver.example:8080/Hook")]
    [InlineData("http://receiver.example:65535/", "http://receiver.example:65535/")]
    [InlineData("http://receiver.example./hook", "http://receiver.example/hook")]
    [InlineData("http://receiver.example?q=1", "http://receiver.example/?q=1")]
    [InlineData("http://receiver.example/a/./b/../c?x=/../y", "http://receiver.example/a/c?x=/../y")]
    [InlineData("https://receiver.example/h?B=2&a=%41&c=%7e", "https://receiver.example/h?B=2&a=%41&c=%7e")]
    [InlineData("https://receiver.example/h?q=ü", "https://receiver.example/h?q=%C3%BC")]
    [InlineData("https://receiver.example/ü", "https://receiver.example/%C3%BC")]
    [InlineData("https://bücher.example/x", "https://xn--bcher-kva.example/x")]
    [InlineData("https://xn--80ak6aa92e.example/x", "https://xn--80ak6aa92e.example/x")]
    [InlineData("http://my_service/hook", "http://my_service/hook")]
    public void A_target_has_one_spelling(string target, string canonical) => HttpTarget.Check(target).Should().Be(new TargetCheck(canonical, null));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(null)]
    public void A_blank_target_is_refused(string? target) => HttpTarget.Check(target).Should().Be(new TargetCheck(null, "can't be blank"));

    [Theory]
    [InlineData("//receiver.example/hook", "http://")]
    [InlineData("/hook", "http://")]
    [InlineData("receiver.example/hook", "http://")]
    [InlineData("ftp://receiver.example/", "http://")]
    [InlineData("gopher://receiver.example:6379/_FLUSHALL", "http://")]
    [InlineData("file:///etc/passwd", "http://")]
    [InlineData("javascript:alert(1)", "http://")]
    [InlineData("data:text/plain,x", "http://")]
    [InlineData("unix:///run/docker.sock", "http://")]
    [InlineData("http:receiver.example", "http://")]
    [InlineData("http:/receiver.example", "http://")]
    [InlineData("my topic", "blanks")]
    [InlineData("http://user:pass@receiver.example/", "credentials")]
    [InlineData("http://receiver.example@127.0.0.1/", "credentials")]
    [InlineData("http://@receiver.example/", "credentials")]
    [InlineData("http://receiver.example\\@127.0.0.1/", "backslash")]
    [InlineData("http://receiver.example/a\\b", "backslash")]
    [InlineData("http://receiver.example/\r\nX: 1", "control")]
    [InlineData("http://receiver.example/\u0000", "control")]
    [InlineData("http://receiver.example/\u0085", "control")]
    [InlineData("http://rec eiver.example/", "blanks")]
    [InlineData("http://rece\tiver.example/", "control")]
    [InlineData("http://receiver.example/a b", "blanks")]
    [InlineData("http://receiver.example/a\u00A0b", "blanks")]
    [InlineData("http://receiver.example/a\u202Eb", "invisible")]
    [InlineData("http://rece\u200Biver.example/", "invisible")]
    [InlineData("http://receiver.example/\uD800", "invisible")]
    [InlineData("  https://receiver.example/x  ", "blanks")]
    [InlineData("https://receiver.example/x\n", "control")]
    [InlineData("http://receiver.example/#top", "fragment")]
    [InlineData("http://receiver.example:0/", "port")]
    [InlineData("http://receiver.example:65536/", "port")]
    [InlineData("http://receiver.example:-1/", "port")]
    [InlineData("http://receiver.example:8o/", "port")]
    [InlineData("http://receiver.example:80:90/", "port")]
    [InlineData("http://[::1]:0/", "port")]
    [InlineData("http://%31%32%37.0.0.1/", "percent")]
    [InlineData("http://[fe80::1%25eth0]/", "percent")]
    [InlineData("http:///x", "host is missing")]
    [InlineData("http://:80/", "host is missing")]
    [InlineData("http://?x", "host is missing")]
    [InlineData("http://./", "is invalid")]
    [InlineData("http://a..b/", "is invalid")]
    [InlineData("http://receiver.example../", "is invalid")]
    [InlineData("http://[::1/", "is invalid")]
    [InlineData("http://receiver.example／evil/", "is invalid")]
    [InlineData("http://receiver.example＠127.0.0.1/", "is invalid")]
    [InlineData("http://a℀b.example/", "is invalid")]
    public void A_target_that_cannot_be_called_is_refused_with_a_remedy(string target, string because)
    {
        var check = HttpTarget.Check(target);

        check.Target.Should().BeNull();
        check.Error.Should().StartWith("is invalid: ").And.Contain(because);
    }

    [Fact]
    public void Lengths_are_bounded()
    {
        var label = new string('a', 63);
        var host253 = $"{label}.{label}.{label}.{new string('a', 61)}";

        HttpTarget.Check($"http://{label}.example/").Error.Should().BeNull();
        HttpTarget.Check($"http://{label}a.example/").Error.Should().StartWith("is invalid: ");
        HttpTarget.Check($"http://{host253}/").Error.Should().BeNull();
        HttpTarget.Check($"http://{host253}a/").Error.Should().StartWith("is invalid: ");
        HttpTarget.Check($"http://{string.Join('.', Enumerable.Repeat("a", 130))}/").Error.Should().StartWith("is invalid: ");
        HttpTarget.Check("http://receiver.example/".PadRight(2_048, 'x')).Error.Should().BeNull();
        HttpTarget.Check("http://receiver.example/".PadRight(2_049, 'x')).Error.Should().Contain("2048");
        HttpTarget.Check("http://receiver.example/".PadRight(2_000, 'ü')).Error.Should().Contain("percent-encoded");
    }

    // Whether these may be called is decided on each connect; the spelling must be the address that will be called.
    [Theory]
    [InlineData("http://127.0.0.1/", "http://127.0.0.1/")]
    [InlineData("http://2130706433/", "http://127.0.0.1/")]
    [InlineData("http://0x7f000001/", "http://127.0.0.1/")]
    [InlineData("http://0177.0.0.1/", "http://127.0.0.1/")]
    [InlineData("http://127.1/", "http://127.0.0.1/")]
    [InlineData("http://0x7f.1/", "http://127.0.0.1/")]
    [InlineData("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/")]
    [InlineData("http://127。0。0。1/", "http://127.0.0.1/")]
    [InlineData("http://０x7f.1/", "http://127.0.0.1/")]
    [InlineData("http://127.0.0.1./", "http://127.0.0.1/")]
    [InlineData("http://[::1]/", "http://[::1]/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080/")]
    [InlineData("http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b::a9fe:a9fe]/")]
    [InlineData("http://printer.local/", "http://printer.local/")]
    [InlineData("http://receiver.example:6379/", "http://receiver.example:6379/")]
    [InlineData("http://169.254.169.254/latest/meta-data/", "http://169.254.169.254/latest/meta-data/")]
    public void Forbidden_addresses_are_spelt_plainly_and_left_to_the_guard(string target, string canonical) =>
        HttpTarget.Check(target).Should().Be(new TargetCheck(canonical, null));

    [Fact]
    public void The_spelling_of_a_spelling_is_itself_and_is_what_goes_on_the_wire()
    {
        var part = Gen.OneOf(
            Gen.OneOf("/", ".", "..", "%2e", "%2E%2e", "%2f", "%25", "%", "?", "&", "=", ":", "a", "B", "ü", "①", "0x7f", "~", "|", "\"", "[", "]", "^"),
            Gen.Char[' ', '~'].Select(character => character.ToString()),
            Gen.Char.Select(character => character.ToString()));

        Gen.Select(Gen.OneOf("http://", "HTTPS://"), Gen.OneOf("Receiver.example", "127.1", "[::1]", "ｒeceiver", ""), part.Array[0, 12])
            .Sample((scheme, host, parts) =>
            {
                if (HttpTarget.Check(scheme + host + string.Concat(parts)).Target is not { } canonical)
                {
                    return true;
                }

                var uri = HttpTarget.ToUri(canonical);
                return HttpTarget.Check(canonical).Target == canonical
                    && System.Text.Ascii.IsValid(canonical)
                    && canonical == uri.Scheme + "://" + uri.Authority + uri.PathAndQuery;
            });
    }
}
