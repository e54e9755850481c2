using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;

namespace Postoffice.AspNetCore.Api.Reading;

/// <summary>Which part of a list is asked for: what follows the number <paramref name="After"/>, at most <paramref name="Limit"/>.</summary>
internal readonly record struct Paging(long After, int Limit)
{
    public const string AfterError = "is invalid: give the value of \"next\" of the page before";

    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    /// <summary>One more than is shown, to know whether there is a next page.</summary>
    public int Fetch => Limit + 1;

    public static bool TryRead(string? limit, string? after, out Paging paging, [NotNullWhen(false)] out Problem? problem)
    {
        var errors = new FieldErrors();
        var count = ReadLimit(limit, errors);
        var number = 0L;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            errors.Add("after", AfterError);
        }

        paging = new Paging(number, count);
        problem = errors.ToProblem();
        return problem is null;
    }

    /// <returns>How many are asked for, also of lists that are not paged by number.</returns>
    public static int ReadLimit(string? limit, FieldErrors errors, int usual = DefaultLimit, int max = MaxLimit)
    {
        var count = usual;
        if (limit is not null && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= 1 && count <= max))
        {
            errors.Add("limit", $"is invalid: give a whole number from 1 to {max}");
        }

        return count;
    }

    /// <param name="fetched">One more than <paramref name="limit"/>, when there are so many.</param>
    /// <param name="limit">How many are shown.</param>
    /// <param name="show">Shows one.</param>
    /// <param name="place">The value of <c>after</c> that goes on behind it.</param>
    public static Page<TResource> ToPage<TEntity, TResource>(
        IReadOnlyList<TEntity> fetched, int limit, Func<TEntity, TResource> show, Func<TEntity, string> place) =>
        new([.. fetched.Take(limit).Select(show)], fetched.Count > limit ? place(fetched[limit - 1]) : null);

    public Page<TResource> ToPage<TEntity, TResource>(IReadOnlyList<TEntity> fetched, Func<TEntity, TResource> show, Func<TEntity, long> id) =>
        ToPage(fetched, Limit, show, entity => id(entity).ToString(CultureInfo.InvariantCulture));
}
