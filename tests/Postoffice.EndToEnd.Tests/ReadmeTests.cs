using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;
using Postoffice.Testing.Receivers;

namespace Postoffice.EndToEnd.Tests;

/// <summary>The walk-through of the README, word for word: its commands are run by a shell, and its answers are what comes.</summary>
public sealed partial class ReadmeTests : EndToEndTest
{
    [Theory]
    [InlineData(StorageKind.Sqlite)]
    [InlineData(StorageKind.Postgres)]
    public async Task The_walk_through_works_word_for_word(StorageKind kind)
    {
        var receiver = await StartReceiverAsync();
        var host = await StartHostAsync(await CreateStorageAsync(kind));
        var readme = await File.ReadAllTextAsync(Path.Combine(BuiltProject.RepositoryRoot, "README.md"), Cancel);
        var blocks = CodeBlock().Matches(readme).Select(match => (Language: match.Groups[1].Value, Text: match.Groups[2].Value.Trim())).ToList();
        var steps = blocks.Zip(blocks.Skip(1)).Where(pair => pair.First.Text.StartsWith("curl", StringComparison.Ordinal)).ToList();

        steps.Should().HaveCount(3);
        foreach (var (command, answer) in steps)
        {
            answer.Language.Should().Be("json");
            Neutral(await RunAsync(Here(command.Text, host, receiver))).Should().Be(Neutral(Here(answer.Text, host, receiver)));
        }

        await receiver.WaitForAsync(1, Cancel);
        var request = receiver.Requests.Single();
        var printed = $"{request.Path} {request.MessageId}: {Encoding.UTF8.GetString(request.Body)}";
        blocks.Where(block => block.Language == "text").Select(block => Neutral(block.Text)).Should().Contain(Neutral(printed));
    }

    // The ports of the README belong to the reader.
    private static string Here(string text, HostProcess host, ScriptedReceiver receiver) => text
        .Replace("http://localhost:4000", host.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
        .Replace("http://localhost:4100", $"http://127.0.0.1:{receiver.Port}", StringComparison.Ordinal);

    private static string Neutral(string text) => Identifier().Replace(Moment().Replace(text, "TIME"), "ID");

    private async Task<string> RunAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync(Cancel);
        var error = await shell.StandardError.ReadToEndAsync(Cancel);
        await shell.WaitForExitAsync(Cancel);
        shell.ExitCode.Should().Be(0, "{0} says: {1}", command, error);
        return output.Trim();
    }

    [GeneratedRegex("^```(\\w+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[\d:.]+Z")]
    private static partial Regex Moment();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Identifier();
}
