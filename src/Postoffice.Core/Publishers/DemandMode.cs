using System.Text.Json.Serialization;

namespace Postoffice.Publishers;

/// <summary>When a publisher's consumers ask for more deliveries. The rules and the words are those of Elixir's GenStage.</summary>
/// <remarks>https://hexdocs.pm/gen_stage/GenStage.html#module-buffering-events and the options <c>max_demand</c>, <c>min_demand</c> of its consumers.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<DemandMode>))]
public enum DemandMode
{
    /// <summary>As soon as max(1, min_demand) have finished, they ask for as many as have finished. Right for slow I/O.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>When no more than min_demand are asked for and not finished, they ask up to max_demand again; batches are at most max_demand − min_demand long.</summary>
    [JsonStringEnumMemberName("low_watermark")]
    LowWatermark,
}
