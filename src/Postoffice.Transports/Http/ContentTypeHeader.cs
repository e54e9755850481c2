using System.Net.Http.Headers;
using Postoffice.Messages;
using Postoffice.Publishers;

namespace Postoffice.Transports.Http;

/// <summary>A media type that goes out as it was received: judged by .NET's parser, but not spelt anew by it.</summary>
internal sealed class ContentTypeHeader : MediaTypeHeaderValue
{
    private ContentTypeHeader(MediaTypeHeaderValue parsed, string text)
        : base(parsed) => Text = text;

    public string Text { get; }

    public static ContentTypeHeader Create(string text)
    {
        // The parser takes folded lines, hence the look at the characters first.
        var isLegal = HeaderRules.IsValue(text) & TryParse(text, out var parsed);
        return isLegal ? new ContentTypeHeader(parsed!, text) : new ContentTypeHeader(new(NewMessage.DefaultContentType), NewMessage.DefaultContentType);
    }

    public override string ToString() => Text;
}
