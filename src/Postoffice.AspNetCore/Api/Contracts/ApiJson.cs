using System.Text.Json.Serialization;

namespace Postoffice.AspNetCore.Api.Contracts;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Single<TopicResource>), TypeInfoPropertyName = "SingleTopicResource")]
[JsonSerializable(typeof(Page<TopicResource>), TypeInfoPropertyName = "PageTopicResource")]
[JsonSerializable(typeof(Single<PublisherResource>), TypeInfoPropertyName = "SinglePublisherResource")]
[JsonSerializable(typeof(Page<PublisherResource>), TypeInfoPropertyName = "PagePublisherResource")]
[JsonSerializable(typeof(IReadOnlyList<DeliveryResource>), TypeInfoPropertyName = "Deliveries")]
[JsonSerializable(typeof(BulkAnswer))]
internal sealed partial class ApiJson : JsonSerializerContext;
