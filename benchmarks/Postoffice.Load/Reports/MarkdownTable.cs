using System.Text;

namespace Postoffice.Load.Reports;

/// <summary>A table, aligned to be read on a terminal too.</summary>
internal static class MarkdownTable
{
    /// <summary>Appends the rows; the first is the heading. The first and the last column are text, those between are numbers.</summary>
    public static void Append(StringBuilder text, List<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        for (var index = 0; index < rows.Count; index++)
        {
            text.Append('|');
            for (var column = 0; column < widths.Length; column++)
            {
                var isText = column == 0 || column == widths.Length - 1;
                text.Append(' ').Append(isText ? rows[index][column].PadRight(widths[column]) : rows[index][column].PadLeft(widths[column])).Append(" |");
            }

            text.AppendLine();
            if (index == 0)
            {
                text.Append('|').AppendJoin('|', widths.Select((width, column) =>
                    column == 0 || column == widths.Length - 1 ? new string('-', width + 2) : new string('-', width + 1) + ":")).AppendLine("|");
            }
        }
    }
}
