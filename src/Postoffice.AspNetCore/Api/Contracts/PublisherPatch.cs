using System.Diagnostics.CodeAnalysis;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Publishers;

namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>What changes a publisher: members that are missing stay as they are; null takes back a setting that may be unset.</summary>
/// <param name="Active">False pauses it, true resumes it where it stood.</param>
internal sealed record PublisherPatch(bool? Active = null) : PublisherSettingsBody
{
    private const string Fixed = "can't be changed";

    private static readonly MemberNames Members = new(["active", .. PublisherMembers.Names]);

    public static bool TryRead(
        ReadOnlyMemory<byte> body, Publisher publisher, [NotNullWhen(true)] out PublisherChange? change, [NotNullWhen(false)] out Problem? problem)
    {
        change = null;
        if (!Fields.TryOpen(body, Members, out var fields, out problem))
        {
            return false;
        }

        // A misspelt setting that is silently skipped would look like one that was changed.
        foreach (var name in fields.Unknown)
        {
            fields.Errors.Add(name, Fixed);
        }

        var active = fields.IsNull("active") ? PublisherMembers.RequiredFlag(fields, "active") : fields.Flag("active");
        var settings = PublisherMembers.Read(fields, publisher.Settings);
        problem = fields.Errors.ToProblem();
        if (problem is not null)
        {
            return false;
        }

        change = new PublisherChange { Active = active, Settings = settings == publisher.Settings ? null : settings, IfVersion = publisher.Version };
        return true;
    }
}
