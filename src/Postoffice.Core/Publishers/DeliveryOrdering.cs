using System.Text.Json.Serialization;

namespace Postoffice.Publishers;

/// <summary>In which order a publisher delivers.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeliveryOrdering>))]
public enum DeliveryOrdering
{
    /// <summary>About in the order of the log; a message that is retried is overtaken.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>Messages of one ordering key one at a time, in the order of the log, across retries and restarts. Other keys overtake freely; messages without a key have no order.</summary>
    [JsonStringEnumMemberName("key")]
    Key,
}

/// <summary>What becomes of an ordering key when a delivery of it becomes a dead letter.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyFailure>))]
public enum KeyFailure
{
    /// <summary>The key goes on with its next message.</summary>
    [JsonStringEnumMemberName("skip")]
    Skip,

    /// <summary>The key waits until an operator has retried or discarded the dead letter.</summary>
    [JsonStringEnumMemberName("block")]
    Block,
}
