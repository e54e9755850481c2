using System.Text;

namespace Postoffice.Testing.Receivers;

/// <summary>What a <see cref="ScriptedReceiver"/> says to a request.</summary>
public sealed record ScriptedAnswer(int Status)
{
    public static readonly ScriptedAnswer Ok = new(200);

    /// <summary>The connection is closed instead of an answer.</summary>
    public static readonly ScriptedAnswer Abort = new(0) { IsAbort = true };

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public ReadOnlyMemory<byte> Body { get; init; }

    public bool IsAbort { get; private init; }

    public ScriptedAnswer WithHeader(string name, string value) => this with { Headers = new Dictionary<string, string>(Headers) { [name] = value } };

    public ScriptedAnswer WithBody(string text) => this with { Body = Encoding.UTF8.GetBytes(text) };
}
