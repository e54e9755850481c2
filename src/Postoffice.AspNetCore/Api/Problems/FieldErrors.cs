namespace Postoffice.AspNetCore.Api.Problems;

/// <summary>What is wrong with the members of a request, gathered so that a caller hears all of it at once.</summary>
internal sealed class FieldErrors
{
    private const string Invalid = "is invalid";

    private readonly Dictionary<string, IReadOnlyList<string>> _errors = new(StringComparer.Ordinal);
    private Problem? _graver;

    /// <returns>The problem of a single member.</returns>
    public static Problem Single(string field, string error)
    {
        var errors = new FieldErrors();
        errors.Add(field, error);
        return errors.ToProblem()!;
    }

    /// <param name="field">The member's name.</param>
    /// <param name="error">What is wrong with it, to follow its name; null when nothing is.</param>
    public void Add(string field, string? error)
    {
        if (error is null || _errors.ContainsKey(field))
        {
            return;
        }

        // The original's clients look for exactly its word; the longer text comes beside it.
        _errors.Add(field, error.StartsWith(Invalid, StringComparison.Ordinal) && error != Invalid ? [Invalid, error] : [error]);
    }

    /// <summary>Notes a problem that is more than a wrong value; the first one is what the caller hears.</summary>
    public void Add(Problem problem) => _graver ??= problem;

    /// <returns>The problem to answer with; null when nothing is wrong.</returns>
    public Problem? ToProblem() => _graver ?? (_errors.Count == 0 ? null : Problem.Validation(_errors, Describe()));

    private string Describe() => string.Join(" ", _errors.Select(error => $"{Text.Shorten(error.Key)} {error.Value[^1]}."));
}
