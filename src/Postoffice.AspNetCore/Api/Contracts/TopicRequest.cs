using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Topics;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What creates a topic.</summary>
/// <param name="Name">Its name: letters, digits, spaces and <c>-._~+%:@</c>, at most 255.</param>
/// <param name="OriginHost">Where its messages come from: a host, host:port or http(s) URL.</param>
/// <param name="RecoveryEnabled">Whether messages are fetched back from the origin host; false unless set.</param>
internal sealed record TopicRequest(
    string Name,
    [property: JsonPropertyName("origin_host")] string OriginHost,
    [property: JsonPropertyName("recovery_enabled")] bool? RecoveryEnabled = null)
{
    private static readonly MemberNames Members = new("name", "origin_host", "recovery_enabled");

    public static bool TryRead(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out NewTopic? topic, [NotNullWhen(false)] out Problem? problem)
    {
        topic = null;
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        var name = fields.Text("name", TopicName.Check);
        var originHost = fields.Text("origin_host", Topics.OriginHost.Check);
        var recoveryEnabled = fields.Flag("recovery_enabled") ?? false;
        problem = fields.Errors.ToProblem();
        if (problem is not null)
        {
            return false;
        }

        topic = new NewTopic(name!, originHost, recoveryEnabled);
        return true;
    }
}
