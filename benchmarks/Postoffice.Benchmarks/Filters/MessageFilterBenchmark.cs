using System.Text;
using BenchmarkDotNet.Attributes;
using Postoffice.Filters;
using Postoffice.Messages;

namespace Postoffice.Benchmarks.Filters;

/// <summary>What does a filter add to one message of 1 KiB for one publisher, by what it asks for?</summary>
[MemoryDiagnoser]
public class MessageFilterBenchmark
{
    private const int PayloadBytes = 1_024;

    private Message _message = null!;
    private Message _noJson = null!;
    private MessageFilter _attributes = null!;
    private MessageFilter _payload = null!;
    private MessageFilter _both = null!;
    private Message _largest = null!;
    private MessageFilter _longest = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var start = """{"order":{"id":"a1b2","customer":{"country":"DE","vip":true},"total":149.90,"lines":[{"sku":"x-1","count":2},{"sku":"y-2","count":1}]},"note":""";
        var payload = start + "\"" + new string('x', PayloadBytes - start.Length - 3) + "\"}";
        _message = Message(Encoding.UTF8.GetBytes(payload));
        _noJson = Message(Encoding.UTF8.GetBytes(payload[..^1]));

        _attributes = MessageFilter.Parse("""{"attributes": {"type": [{"prefix": "order."}], "region": ["eu", "uk"], "weight": [{"numeric": [">", 0, "<=", 30]}]}}""");
        _payload = MessageFilter.Parse("""{"payload": {"order": {"total": [{"numeric": [">=", 100]}], "customer": {"country": ["AT", "CH", "DE"]}, "lines": {"sku": ["y-2"]}}}}""");
        _both = MessageFilter.Parse("""{"attributes": {"region": ["us"]}, "payload": {"order": {"total": [{"numeric": [">=", 100]}]}}}""");

        var numbers = (1_048_576 - "{\"n\":[]}".Length) / 2;
        _largest = Message(Encoding.UTF8.GetBytes("{\"n\":[" + string.Join(',', Enumerable.Repeat(9, numbers)) + "]}"));
        _longest = MessageFilter.Parse("{\"payload\": {\"n\": [" + string.Join(',', Enumerable.Range(10, 200)) + "]}}");
    }

    /// <summary>Three attributes, all of which hold.</summary>
    [Benchmark(Baseline = true)]
    public bool Attributes() => _attributes.Matches(_message);

    /// <summary>Three fields of a JSON payload, all of which hold.</summary>
    [Benchmark]
    public bool Payload() => _payload.Matches(_message);

    /// <summary>An attribute that does not hold before a payload that is then not parsed.</summary>
    [Benchmark]
    public bool AttributeSparesPayload() => _both.Matches(_message);

    /// <summary>A payload whose last byte is missing: found out at the very end, and by an exception.</summary>
    [Benchmark]
    public bool BrokenPayload() => _payload.Matches(_noJson);
    /// <summary>All that the limits let through: half a million numbers of a 1 MiB payload, none of which is one of 200.</summary>
    [Benchmark]
    public bool Largest() => _longest.Matches(_largest);

    private static Message Message(byte[] payload) => new()
    {
        Id = Guid.Empty,
        TopicId = 1,
        Position = 1,
        Payload = payload,
        Attributes = MessageAttributes.Create([new("type", "order.placed"), new("region", "eu"), new("weight", "12.5"), new("source", "shop")]),
        ReceivedAt = default,
    };
}
