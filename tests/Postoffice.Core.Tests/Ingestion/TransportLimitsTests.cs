using Postoffice.Core.Tests.Pipeline;
using Postoffice.Ingestion;
using Postoffice.Messages;
using Postoffice.Publishers;
using Postoffice.Topics;

namespace Postoffice.Core.Tests.Ingestion;

/// <summary>What a publisher of the topic could never pass on is refused to whoever publishes it.</summary>
public sealed class TransportLimitsTests : IAsyncDisposable
{
    private const string Error = "is invalid: 3 attributes; at most 2 are allowed by narrow";

    private readonly ScriptedTransport _narrow = new() { Type = "narrow", Objection = attributes => attributes.Count > 2 ? Error : null };
    private readonly ScriptedTransport _wide = new() { Type = "wide" };
    private readonly IngestionInMemory _mail;

    public TransportLimitsTests() => _mail = new IngestionInMemory(configure: null, _wide, _narrow);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attributes_that_a_publisher_of_the_topic_cannot_carry_are_refused_in_every_way_of_publishing()
    {
        var publisher = await AddAsync("narrow");

        Func<Task>[] ways =
        [
            () => _mail.Postoffice.PublishAsync("orders", New(3), Token),
            () => _mail.Postoffice.PublishManyAsync("orders", [New(1), New(3)], Token),
            () => _mail.Postoffice.ScheduleAsync("orders", New(3), _mail.Time.GetUtcNow().AddHours(1), Token),
        ];
        foreach (var way in ways)
        {
            var refused = (await way.Should().ThrowAsync<InvalidMessageException>()).Which;
            refused.Field.Should().Be("attributes");
            refused.Error.Should().StartWith(Error).And.Contain($"the topic's narrow publisher {publisher.Id}");
        }

        _mail.Log.Appends.Should().BeEmpty();
    }

    [Fact]
    public async Task A_paused_publisher_asks_for_it_too()
    {
        await AddAsync("narrow", active: false);
        await PublishAsync(3).Should().ThrowAsync<InvalidMessageException>();
    }

    [Fact]
    public async Task A_publisher_among_many_is_found()
    {
        for (var other = 0; other < 30; other++)
        {
            await AddAsync("wide");
        }

        await AddAsync("narrow");
        await PublishAsync(3).Should().ThrowAsync<InvalidMessageException>();
    }

    [Fact]
    public async Task What_the_publishers_there_are_can_carry_is_taken()
    {
        await AddAsync("wide");
        await AddAsync("narrow", topic: "other");

        (await PublishAsync(3)()).Position.Should().Be(1);
    }

    [Fact]
    public async Task A_publisher_counts_from_its_creation_until_it_is_deleted()
    {
        (await PublishAsync(3)()).Position.Should().Be(1);

        var publisher = await AddAsync("narrow");
        await PublishAsync(3).Should().ThrowAsync<InvalidMessageException>();

        await _mail.Publishers.DeleteAsync(publisher.Id, Token);
        (await PublishAsync(3)()).Position.Should().Be(2);
    }

    [Fact]
    public async Task A_message_that_every_transport_can_carry_costs_no_look_into_the_store()
    {
        await AddAsync("narrow");

        await PublishAsync(0)();
        await PublishAsync(2)();

        _mail.Publishers.Lists.Should().Be(0);
    }

    [Fact]
    public async Task The_attributes_that_a_bulk_shares_are_judged_once_and_none_are_not_judged_at_all()
    {
        var judged = 0;
        _narrow.Objection = _ =>
        {
            judged++;
            return null;
        };
        var shared = New(2).Attributes;

        await _mail.Postoffice.PublishManyAsync("orders", [New(0), .. Enumerable.Range(0, 50).Select(_ => new NewMessage { Payload = default, Attributes = shared })], Token);

        judged.Should().Be(1);
    }

    public ValueTask DisposeAsync() => _mail.DisposeAsync();

    private Func<Task<PublishedMessage>> PublishAsync(int attributes) => () => _mail.Postoffice.PublishAsync("orders", New(attributes), Token);

    private async Task<Publisher> AddAsync(string type, bool active = true, string topic = "orders")
    {
        await _mail.Topics.TryAddAsync(new NewTopic(topic, "localhost"), Token);
        var target = $"target-{Guid.NewGuid():N}";
        return (await _mail.Publishers.TryAddAsync(new NewPublisher(topic, type, target, active, FromNow: false, PublisherSettings.Default), Token)).Publisher!;
    }

    private static NewMessage New(int attributes) => new()
    {
        Payload = "1"u8.ToArray(),
        Attributes = MessageAttributes.Create(Enumerable.Range(0, attributes).Select(number => KeyValuePair.Create($"a{number}", "v"))),
    };
}
