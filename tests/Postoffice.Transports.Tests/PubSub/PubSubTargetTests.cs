using Postoffice.Transports.PubSub;

namespace Postoffice.Transports.Tests.PubSub;

public sealed class PubSubTargetTests
{
    [Theory]
    [InlineData("orders", "projects/shop/topics/orders")]
    [InlineData("Abc", "projects/shop/topics/Abc")]
    [InlineData("a-._~+%9", "projects/shop/topics/a-._~+%9")]
    [InlineData("projects/other/topics/orders", "projects/other/topics/orders")]
    [InlineData("projects/p/topics/orders", "projects/p/topics/orders")]
    [InlineData("projects/example.com:old-one/topics/orders", "projects/example.com:old-one/topics/orders")]
    [InlineData("projects/123456/topics/orders", "projects/123456/topics/orders")]
    public void A_topic_is_known_by_its_full_name(string target, string canonical) =>
        PubSubTarget.Check(target, "shop").Should().Be(new TargetCheck(canonical, null));

    [Theory]
    [InlineData("", "can't be blank")]
    [InlineData("  ", "can't be blank")]
    [InlineData("ab", "*2 characters; 3 to 255 are allowed")]
    [InlineData("1orders", "*begins with a letter*")]
    [InlineData("my topic", "*\"my topic\" is no topic's id*")]
    [InlineData(" orders", "*is no topic's id*")]
    [InlineData("orders\0", "*is no topic's id*")]
    [InlineData("ordërs", "*is no topic's id*")]
    [InlineData("goog-orders", "*Google's own*")]
    [InlineData("projects/shop/topics/goog-orders", "*Google's own*")]
    [InlineData("projects/shop", "*give a topic's id, such as orders, or its full name*")]
    [InlineData("projects/shop/topics/", "*0 characters*")]
    [InlineData("projects//topics/orders", "*project*is no project's id*")]
    [InlineData("projects/sh op/topics/orders", "*project \"sh op\"*")]
    [InlineData("projects/shop/topics/orders/more", "*full name*")]
    [InlineData("projects/shop/subscriptions/orders", "*full name*")]
    [InlineData("Projects/shop/topics/orders", "*full name*")]
    [InlineData("//pubsub.googleapis.com/projects/shop/topics/orders", "*full name*")]
    [InlineData("https://receiver.example/hook", "*full name*")]
    [InlineData("../topics/orders", "*full name*")]
    public void Anything_else_is_refused_with_what_is_wrong(string target, string error)
    {
        var check = PubSubTarget.Check(target, "shop");
        check.Target.Should().BeNull();
        check.Error.Should().Match(error);
    }

    [Fact]
    public void A_topic_id_has_255_characters_at_most()
    {
        PubSubTarget.Check(new string('a', 255), "shop").Error.Should().BeNull();
        PubSubTarget.Check(new string('a', 256), "shop").Error.Should().Contain("256 characters");
        PubSubTarget.Check($"projects/{new string('a', 101)}/topics/orders", "shop").Error.Should().Contain("project");
    }

    [Fact]
    public void A_topic_id_needs_a_project_and_a_full_name_does_not()
    {
        PubSubTarget.Check("orders", projectId: null).Error.Should().Contain("Postoffice:PubSub:ProjectId");
        PubSubTarget.Check("projects/shop/topics/orders", projectId: null).Target.Should().Be("projects/shop/topics/orders");
    }
}
