using System.Text.Json.Serialization;

namespace Postoffice.AspNetCore.Api.Contracts;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Single<TopicResource>), TypeInfoPropertyName = "SingleTopicResource")]
[JsonSerializable(typeof(Page<TopicResource>), TypeInfoPropertyName = "PageTopicResource")]
[JsonSerializable(typeof(Single<PublisherResource>), TypeInfoPropertyName = "SinglePublisherResource")]
[JsonSerializable(typeof(Page<PublisherResource>), TypeInfoPropertyName = "PagePublisherResource")]
[JsonSerializable(typeof(IReadOnlyList<DeliveryResource>), TypeInfoPropertyName = "Deliveries")]
[JsonSerializable(typeof(Single<ReplayStarted>), TypeInfoPropertyName = "SingleReplayStarted")]
[JsonSerializable(typeof(Page<BlockedKeyResource>), TypeInfoPropertyName = "PageBlockedKeyResource")]
[JsonSerializable(typeof(Page<DeadLetterResource>), TypeInfoPropertyName = "PageDeadLetterResource")]
[JsonSerializable(typeof(Page<DeadLetterGroupResource>), TypeInfoPropertyName = "PageDeadLetterGroupResource")]
[JsonSerializable(typeof(Single<DeadLetterChanged>), TypeInfoPropertyName = "SingleDeadLetterChanged")]
[JsonSerializable(typeof(Single<DeadLettersChanged>), TypeInfoPropertyName = "SingleDeadLettersChanged")]
[JsonSerializable(typeof(Single<ExplanationsResource>), TypeInfoPropertyName = "SingleExplanationsResource")]
[JsonSerializable(typeof(Single<TestResource>), TypeInfoPropertyName = "SingleTestResource")]
[JsonSerializable(typeof(Single<RetriedResource>), TypeInfoPropertyName = "SingleRetriedResource")]
[JsonSerializable(typeof(IReadOnlyList<FailedAttemptResource>), TypeInfoPropertyName = "FailedAttempts")]
[JsonSerializable(typeof(FoundMessages))]
[JsonSerializable(typeof(Single<OverviewResource>), TypeInfoPropertyName = "SingleOverviewResource")]
[JsonSerializable(typeof(Single<ActivityResource>), TypeInfoPropertyName = "SingleActivityResource")]
[JsonSerializable(typeof(Single<IReadOnlyList<NodeStatusResource>>), TypeInfoPropertyName = "SingleNodes")]
[JsonSerializable(typeof(PulseResource))]
[JsonSerializable(typeof(BulkAnswer))]
internal sealed partial class ApiJson : JsonSerializerContext;
