namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>One resource, under <c>data</c> as the original has it.</summary>
internal sealed record Single<T>(T Data);

/// <summary>One page of a list. <paramref name="Next"/> is the value of <c>after</c> for the next page; null on the last.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Data, string? Next);
