using System.Text.Json.Serialization;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>A delivery that is retried by hand.</summary>
/// <param name="PublisherId">Whose it is.</param>
/// <param name="State"><c>parked</c>: it is due now.</param>
internal sealed record RetriedResource([property: JsonPropertyName("publisher_id")] long PublisherId, string State);
