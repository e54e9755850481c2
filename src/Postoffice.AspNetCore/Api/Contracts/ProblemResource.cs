namespace Postoffice.AspNetCore.Api.Contracts;

/// <summary>An RFC 9457 problem. <see cref="Problems.Problem"/> writes it; this record describes it to API explorers.</summary>
/// <param name="Type">What kind of problem: <c>urn:postoffice:problem:validation</c>, ….</param>
/// <param name="Title">The same for all problems of a type.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Detail">What is wrong this time, and the remedy.</param>
/// <param name="Errors">For each member that is wrong what is wrong with it.</param>
/// <param name="Data">The errors once more, where the original's clients look for them.</param>
internal sealed record ProblemResource(
    string Type, string Title, int Status, string Detail, Dictionary<string, string[]>? Errors = null, ProblemData? Data = null);

/// <summary>The errors once more, where the original's clients look for them.</summary>
internal sealed record ProblemData(Dictionary<string, string[]> Errors);
