using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Postoffice.Dashboard.Tests.Pages;

/// <summary>Finds how something is said to be: a sign and a word, such as "✓ delivered". The sign is not for reading, so its kind is left open.</summary>
internal static class StateMark
{
    public static ILocator GetByState(this ILocator place, string word) => place.GetByText(new Regex($@"^\W{Regex.Escape(word)}$"));
}
