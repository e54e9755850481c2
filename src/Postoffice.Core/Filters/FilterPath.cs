using System.Text.Json;
using Postoffice.Messages;

namespace Postoffice.Filters;

/// <summary>The way from a filter document's outermost value to the one that is being read, and the first error met on it.</summary>
internal sealed class FilterPath
{
    /// <summary>
    /// Levels of objects and lists in a filter document. Reading and asking a filter go down by recursion, on whatever stack a caller has; the limit is far
    /// above what a person writes and far below what a stack takes.
    /// </summary>
    public const int MaxDepth = 16;

    private const int MaxNameInPath = 40;

    private readonly List<string> _steps = [];

    /// <summary>To follow the word "filter"; null when nothing was wrong so far.</summary>
    public string? Error { get; private set; }

    /// <returns>Null, for the caller to return.</returns>
    public T? Fail<T>(string what)
        where T : class
    {
        Error ??= $"is invalid: filter{string.Concat(_steps)} {what}";
        return null;
    }

    /// <summary>Reads each member of an object, none of which may stand twice.</summary>
    /// <param name="value">The object.</param>
    /// <param name="whenEmpty">What is wrong with an object without members.</param>
    /// <param name="read">Reads a member; null when it has failed.</param>
    /// <returns>What was read; null when something has failed.</returns>
    public List<T>? ReadMembers<T>(JsonElement value, string whenEmpty, Func<string, JsonElement, T?> read)
        where T : class
    {
        if (!Enter())
        {
            return null;
        }

        var items = new List<T>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var name = member.Name;
            if (ReadStep(IsPlain(name) ? $".{name}" : $"[\"{MessageRules.Shorten(name)}\"]", () =>
                names.Add(name) ? read(name, member.Value) : Fail<T>("stands twice; give it once")) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return items.Count > 0 ? items : Fail<List<T>>(whenEmpty);
    }

    /// <summary>Reads each element of a list, of which there must be one.</summary>
    /// <param name="value">What should be the list.</param>
    /// <param name="wanted">What is to be given instead of anything but such a list.</param>
    /// <param name="read">Reads an element; null when it has failed.</param>
    /// <returns>What was read; null when something has failed.</returns>
    public List<T>? ReadElements<T>(JsonElement value, string wanted, Func<JsonElement, T?> read)
        where T : class
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return Fail<List<T>>($"is {Kind(value)}; give {wanted}");
        }

        if (!Enter())
        {
            return null;
        }

        var items = new List<T>();
        foreach (var element in value.EnumerateArray())
        {
            if (ReadStep($"[{items.Count}]", () => read(element)) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return items.Count > 0 ? items : Fail<List<T>>($"is empty; give {wanted}");
    }

    /// <returns>What a value is, in the words of an error.</returns>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    /// <summary>Runs <paramref name="read"/> one step further on the way.</summary>
    private T? ReadStep<T>(string step, Func<T?> read)
        where T : class
    {
        _steps.Add(step);
        var item = read();
        _steps.RemoveAt(_steps.Count - 1);
        return item;
    }

    private static bool IsPlain(string name) =>
        name.Length is > 0 and <= MaxNameInPath && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');

    // A step is taken into each object and list, so the steps are the levels.
    private bool Enter() => _steps.Count < MaxDepth || Fail<string>($"is deeper than {MaxDepth} levels; make it flatter") is not null;
}
