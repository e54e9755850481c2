using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.Deliveries;
using Postoffice.Ingestion;
using Postoffice.Messages;

namespace Postoffice.AspNetCore.Api.Answers;

/// <summary>An answer that shows one message, its payload as the bytes that were received.</summary>
internal sealed class MessageAnswer : IResult
{
    public const string InLog = "in_log";
    public const string Scheduled = "scheduled";

    private readonly int _status;
    private readonly Guid _id;
    private readonly string _topic;
    private readonly MessageContent _content;

    private MessageAnswer(int status, Guid id, string topic, MessageContent content)
    {
        _status = status;
        _id = id;
        _topic = topic;
        _content = content;
    }

    private string? State { get; init; }

    private long? Position { get; init; }

    private DateTimeOffset? ReceivedAt { get; init; }

    private DateTimeOffset? ScheduleAt { get; init; }

    private DateTimeOffset? ScheduledAt { get; init; }

    private IReadOnlyList<DeliveryResource>? Deliveries { get; init; }

    /// <summary>To the request that published the message.</summary>
    public static MessageAnswer Published(string topic, NewMessage message, PublishedMessage published) =>
        new(StatusCodes.Status201Created, published.Id, topic, MessageContent.Of(message, isJson: true))
        {
            Position = published.Position,
            ReceivedAt = published.ReceivedAt,
        };

    /// <summary>To the request that scheduled the message.</summary>
    public static MessageAnswer ScheduledFor(string topic, Guid id, NewMessage message, DateTimeOffset scheduleAt) =>
        new(StatusCodes.Status201Created, id, topic, MessageContent.Of(message))
        {
            State = Scheduled,
            ScheduleAt = scheduleAt,
        };

    /// <summary>A message that is not due yet.</summary>
    public static MessageAnswer Staged(string topic, StagedMessage staged) =>
        new(StatusCodes.Status200OK, staged.Message.Id, topic, MessageContent.Of(staged.Message))
        {
            State = Scheduled,
            ScheduledAt = staged.DeliverAt,
            Deliveries = [],
        };

    /// <summary>A message in its topic's log.</summary>
    public static MessageAnswer Logged(int status, string topic, Message message, IReadOnlyList<DeliveryState> deliveries) =>
        new(status, message.Id, topic, MessageContent.Of(message))
        {
            State = InLog,
            Position = message.Position,
            ReceivedAt = message.ReceivedAt,
            Deliveries = [.. deliveries.Select(DeliveryResource.From)],
        };

    public Task ExecuteAsync(HttpContext httpContext) => JsonAnswer.WriteAsync(httpContext, _status, Write);

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("data"u8);
        writer.WriteString("id"u8, _id);
        writer.WriteString("topic"u8, _topic);
        if (Position is { } position)
        {
            writer.WriteNumber("position"u8, position);
        }

        if (State is not null)
        {
            writer.WriteString("state"u8, State);
        }

        _content.Write(writer);
        WriteTime(writer, "received_at"u8, ReceivedAt);
        WriteTime(writer, "schedule_at"u8, ScheduleAt);
        WriteTime(writer, "scheduled_at"u8, ScheduledAt);
        if (Deliveries is not null)
        {
            writer.WritePropertyName("deliveries"u8);
            JsonSerializer.Serialize(writer, Deliveries, ApiJson.Default.Deliveries);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } given)
        {
            writer.WriteString(name, given.UtcDateTime);
        }
    }
}
