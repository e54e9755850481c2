using System.Text.Json.Serialization;

namespace Postoffice.Messages;

[JsonSerializable(typeof(SortedDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class MessageJson : JsonSerializerContext;
