using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postoffice.AspNetCore.Api.Answers;
using Postoffice.AspNetCore.Api.Contracts;
using Postoffice.AspNetCore.Api.Problems;
using Postoffice.AspNetCore.Api.Reading;
using Postoffice.Messages;
using Postoffice.Storage;

namespace Postoffice.AspNetCore.Api;

/// <summary>The ordering keys that are held up at a publisher.</summary>
internal static class BlockedKeysApi
{
    public static void Map(RouteGroupBuilder api) =>
        new ApiRoute(api, "/publishers/{id}/blocked_keys", PublishersApi.Tag).Get("ListBlockedKeys", ListAsync)
            .WithSummary("Lists the ordering keys that are held up, and by what, in order of their bytes.")
            .Produces<Page<BlockedKeyResource>>().Answers(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);

    private static async Task<IResult> ListAsync(
        string id, IPublisherStore publishers, IOrderingKeyStore keys, string? limit, string? after, CancellationToken cancellationToken)
    {
        if (!PublishersApi.TryNumber(id, out var number) || await publishers.FindAsync(number, cancellationToken) is not { } publisher)
        {
            return PublishersApi.NotFound(id);
        }

        var errors = new FieldErrors();
        var count = Paging.ReadLimit(limit, errors);
        errors.Add("after", MessageRules.CheckKey(after) is null ? null : Paging.AfterError);
        if (errors.ToProblem() is { } problem)
        {
            return problem;
        }

        var fetched = await keys.ListAsync(publisher.TopicId, number, after, count + 1, cancellationToken);
        return JsonAnswer.Ok(Paging.ToPage(fetched, count, BlockedKeyResource.From, key => key.Key), ApiJson.Default.PageBlockedKeyResource);
    }
}
