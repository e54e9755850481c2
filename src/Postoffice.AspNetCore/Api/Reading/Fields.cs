using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Postoffice.AspNetCore.Api.Problems;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>Reads the members of an envelope, and notes what is wrong with them.</summary>
internal sealed class Fields
{
    public const string Blank = "can't be blank";

    private readonly Envelope _envelope;

    private Fields(Envelope envelope, FieldErrors errors)
    {
        _envelope = envelope;
        Errors = errors;
    }

    public FieldErrors Errors { get; }

    public IReadOnlyList<string> Unknown => _envelope.Unknown;

    public JsonSlice this[string name] => _envelope[name];

    /// <returns>Whether the member is there and null: for most requests the same as missing, but a change may take a setting back by it.</returns>
    public bool IsNull(string name) => _envelope[name].Kind == JsonTokenType.Null;

    /// <summary>Opens a request; false when it is no JSON object, or has a member twice.</summary>
    public static bool TryOpen(ReadOnlyMemory<byte> body, MemberNames names, [NotNullWhen(true)] out Fields? fields, [NotNullWhen(false)] out Problem? problem)
    {
        var errors = new FieldErrors();
        fields = Envelope.Read(body, names, errors) is { } envelope ? new Fields(envelope, errors) : null;
        problem = fields is null ? errors.ToProblem()! : null;
        return fields is not null;
    }

    /// <param name="name">The member.</param>
    /// <param name="rule">Says what is wrong with a text, or with null when the member is missing.</param>
    /// <returns>The text; null when it is missing or no text.</returns>
    public string? Text(string name, Func<string?, string?> rule)
    {
        var slice = _envelope[name];
        if (!slice.IsMissing && slice.Kind != JsonTokenType.String)
        {
            Errors.Add(name, "is invalid: give a text");
            return null;
        }

        try
        {
            var text = slice.IsMissing ? null : slice.Open().GetString();
            Errors.Add(name, rule(text));
            return text;
        }
        catch (InvalidOperationException)
        {
            Errors.Add(Problem.InvalidJson($"The member \"{name}\" has half of a surrogate pair."));
            return null;
        }
    }

    /// <returns>A point in time; null when the member is missing or wrong.</returns>
    public DateTimeOffset? Time(string name) =>
        Rfc3339.TryParse(Text(name, text => text is null || Rfc3339.TryParse(text, out _) ? null : Rfc3339.Error), out var time) ? time : null;

    /// <returns>True or false, also when written as a text, as the original's clients do; null when the member is missing or neither.</returns>
    public bool? Flag(string name)
    {
        var slice = _envelope[name];
        switch (slice.Kind)
        {
            case JsonTokenType.None or JsonTokenType.Null:
                return null;
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.String when Is(slice, "true"):
                return true;
            case JsonTokenType.String when Is(slice, "false"):
                return false;
            default:
                Errors.Add(name, "is invalid: give true or false");
                return null;
        }
    }

    /// <returns>A whole number, also when written as a text; null when the member is missing or wrong.</returns>
    public int? Number(string name, int min, int max) => (int?)LongNumber(name, min, max);

    /// <returns>A whole number, also when written as a text; null when the member is missing or wrong.</returns>
    public long? LongNumber(string name, long min, long max)
    {
        var slice = _envelope[name];
        if (slice.IsMissing)
        {
            return null;
        }

        var digits = slice.Bytes.Span;
        if (slice.Kind == JsonTokenType.String)
        {
            digits = digits[1..^1];
        }

        if (slice.Kind is JsonTokenType.Number or JsonTokenType.String
            && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Errors.Add(name, $"is invalid: give a whole number from {min} to {max}");
        return null;
    }

    /// <returns>What the text stands for; null when the member is missing or none of these texts.</returns>
    public T? OneOf<T>(string name, Dictionary<string, T> values)
        where T : struct
    {
        var slice = _envelope[name];
        if (slice.IsMissing)
        {
            return null;
        }

        foreach (var (text, value) in values)
        {
            if (slice.Kind == JsonTokenType.String && Is(slice, text))
            {
                return value;
            }
        }

        Errors.Add(name, $"is invalid: give {string.Join(" or ", values.Keys)}");
        return null;
    }

    /// <returns>An object of texts, in its order; null when the member is missing or wrong.</returns>
    public Dictionary<string, string>? Texts(string name)
    {
        var slice = _envelope[name];
        if (slice.IsMissing)
        {
            return null;
        }

        if (slice.Kind != JsonTokenType.StartObject)
        {
            Errors.Add(name, "is invalid: give an object whose values are texts");
            return null;
        }

        try
        {
            return ReadTexts(name, slice.Open());
        }
        catch (InvalidOperationException)
        {
            Errors.Add(Problem.InvalidJson($"The member \"{name}\" has half of a surrogate pair."));
            return null;
        }
    }

    /// <summary>Notes members that this version knows of and can't act on yet; ignoring them would promise what is not kept.</summary>
    public void Refuse(string error, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!_envelope[name].IsMissing)
            {
                Errors.Add(name, error);
            }
        }
    }

    /// <summary>Notes members that are none of those read, for requests that would mean something else without them.</summary>
    public void RefuseUnknown()
    {
        foreach (var name in Unknown)
        {
            Errors.Add(name, "is invalid: there is no such member");
        }
    }

    /// <summary>Half of a surrogate pair is no text, so it is not this one either; .NET throws when it is to compare it.</summary>
    private static bool Is(JsonSlice slice, string text)
    {
        try
        {
            return slice.Open().ValueTextEquals(text);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private Dictionary<string, string>? ReadTexts(string name, Utf8JsonReader reader)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                Errors.Add(name, $"is invalid: the value of \"{Problems.Text.Shorten(key)}\" is not a text");
                return null;
            }

            if (!texts.TryAdd(key, reader.GetString()!))
            {
                Errors.Add(Problem.DuplicateKey($"{name}.{Problems.Text.Shorten(key)}"));
                return null;
            }
        }

        return texts;
    }
}
