using System.Text;
using System.Text.Json;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>The members that a request may have.</summary>
internal sealed class MemberNames(params string[] names)
{
    private readonly byte[][] _utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    public int Count => names.Length;

    public string this[int index] => names[index];

    /// <returns>The place of a name; names are few.</returns>
    public int IndexOf(string name)
    {
        var index = Array.IndexOf(names, name);
        return index >= 0 ? index : throw new ArgumentException($"The member \"{name}\" is not among those read.", nameof(name));
    }

    /// <summary>Finds the property name that the reader stands on.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="exact">Whether the letter case is right too.</param>
    /// <returns>Its place; -1 for a name that is none of these, whatever its letter case.</returns>
    public int Find(in Utf8JsonReader reader, out bool exact)
    {
        exact = true;
        for (var index = 0; index < _utf8.Length; index++)
        {
            if (reader.ValueTextEquals(_utf8[index]))
            {
                return index;
            }
        }

        exact = false;
        return reader.ValueIsEscaped
            ? Array.FindIndex(names, new Unescaped(reader.GetString()!).Matches)
            : FindIgnoringCase(reader.ValueSpan);
    }

    private int FindIgnoringCase(ReadOnlySpan<byte> name)
    {
        for (var index = 0; index < _utf8.Length; index++)
        {
            if (Ascii.EqualsIgnoreCase(name, _utf8[index]))
            {
                return index;
            }
        }

        return -1;
    }

    private sealed record Unescaped(string Name)
    {
        public bool Matches(string known) => known.Equals(Name, StringComparison.OrdinalIgnoreCase);
    }
}
