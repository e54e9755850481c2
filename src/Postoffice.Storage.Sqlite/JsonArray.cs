using System.Globalization;
using System.Text;

namespace Postoffice.Storage.Sqlite;

/// <summary>Arrays of numbers as JSON: SQLite's array parameter, read by json_each.</summary>
internal static class JsonArray
{
    public static string Of(IReadOnlyCollection<long> values) => Of(values, static value => value);

    public static string Of<TItem, TValue>(IReadOnlyCollection<TItem> items, Func<TItem, TValue> value)
        where TValue : ISpanFormattable => Write(items, (text, item) => text.Append(CultureInfo.InvariantCulture, $"{value(item)}"));

    public static string OfNullable<TItem>(IReadOnlyCollection<TItem> items, Func<TItem, int?> value) =>
        Write(items, (text, item) => _ = value(item) is { } number ? text.Append(number) : text.Append("null"));

    private static string Write<TItem>(IReadOnlyCollection<TItem> items, Action<StringBuilder, TItem> append)
    {
        var text = new StringBuilder(items.Count * 6).Append('[');
        foreach (var item in items)
        {
            if (text.Length > 1)
            {
                text.Append(',');
            }

            append(text, item);
        }

        return text.Append(']').ToString();
    }
}
