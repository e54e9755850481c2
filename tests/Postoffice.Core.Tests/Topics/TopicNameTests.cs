using Postoffice.Topics;

namespace Postoffice.Core.Tests.Topics;

public sealed class TopicNameTests
{
    [Theory]
    [InlineData("orders")]
    [InlineData(" t1 ")]
    [InlineData("café")]
    [InlineData("Dup-Topic")]
    [InlineData("a.b_c~d+e%f:g@h")]
    [InlineData("...")]
    [InlineData("日本語")]
    [InlineData("हिन्दी")]
    [InlineData("١٢٣")]
    [InlineData("𝒳")]
    public void A_legal_name_passes(string name) => TopicName.Check(name).Should().BeNull();

    [Fact]
    public void A_name_of_255_characters_passes() => TopicName.Check(new string('a', 255)).Should().BeNull();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\t\n")]
    [InlineData("\u00a0")]
    public void A_blank_name_is_refused(string? name) => TopicName.Check(name).Should().Be("can't be blank");

    [Theory]
    [InlineData("a\0b", "U+0000")]
    [InlineData("a\u001b[31m", "U+001B")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\u202eb", "U+202E")]
    [InlineData("a\u200bb", "U+200B")]
    [InlineData("a\u00a0b", "U+00A0")]
    [InlineData("../../etc/passwd", "U+002F")]
    [InlineData("a\\b", "U+005C")]
    [InlineData("${jndi:ldap://x/a}", "U+0024")]
    [InlineData("<script>", "U+003C")]
    [InlineData("a?b", "U+003F")]
    [InlineData("a#b", "U+0023")]
    [InlineData("🎉", "U+1F389")]
    public void A_name_with_a_forbidden_character_is_refused_and_the_error_names_it(string name, string character) =>
        TopicName.Check(name).Should().StartWith("is invalid").And.Contain(character);

    // Not inline data: a lone surrogate does not survive the way of a test's arguments.
    [Fact]
    public void Half_of_a_surrogate_pair_is_refused() => TopicName.Check("a" + (char)0xD800).Should().StartWith("is invalid");

    [Fact]
    public void A_name_of_256_characters_is_refused() =>
        TopicName.Check(new string('a', 256)).Should().Be("is invalid: 256 characters; at most 255 are allowed");

    [Fact]
    public void A_name_in_another_normalization_form_is_refused() => TopicName.Check("cafe\u0301").Should().Contain("normalization form C");

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void A_name_that_a_path_would_swallow_is_refused(string name) => TopicName.Check(name).Should().StartWith("is invalid");

    [Theory]
    [InlineData("orders", true)]
    [InlineData("<script>", true)]
    [InlineData("a/b", true)]
    [InlineData("a\u202eb", true)]
    [InlineData("", false)]
    [InlineData("a\0b", false)]
    public void A_store_can_be_asked_for_names_that_are_older_than_the_rule(string name, bool expected) => TopicName.CanBeAsked(name).Should().Be(expected);
}
