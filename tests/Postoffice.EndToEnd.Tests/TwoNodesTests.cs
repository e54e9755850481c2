using Npgsql;
using Postoffice.EndToEnd.Tests.Storages;
using Postoffice.Testing.Hosting;

namespace Postoffice.EndToEnd.Tests;

/// <summary>Two hosts on one PostgreSQL.</summary>
public sealed class TwoNodesTests : EndToEndTest
{
    private const int WritersOfEachNode = 4;
    private const int MessagesOfEachWriter = 250;
    private const int Messages = 2 * WritersOfEachNode * MessagesOfEachWriter;

    [Fact]
    public async Task No_reader_passes_a_position_that_appears_later_and_each_message_is_delivered_once()
    {
        var receiver = await StartReceiverAsync(keepRequests: false);
        var storage = await CreateStorageAsync(StorageKind.Postgres);
        HostProcess[] hosts = [await StartHostAsync(storage), await StartHostAsync(storage)];
        await hosts[0].Client.CreateTopicAsync("orders", Cancel);
        await hosts[0].Client.CreatePublisherAsync(new NewPublisherView("orders", new Uri(receiver.Target)), Cancel);

        var reading = ReadLogAsync(storage.Settings.Values.Single());
        var writing = Task.WhenAll(hosts.SelectMany(host => Enumerable.Range(0, WritersOfEachNode).Select(_ => WriteAsync(host))));
        await Task.WhenAll(reading, writing);

        // The reader asked only for what lies behind the last position it had seen: had one appeared late, it would be missing.
        var positions = Enumerable.Range(1, Messages).Select(position => (long)position).ToList();
        (await reading).Should().Equal(positions);
        (await writing).SelectMany(written => written).Order().Should().Equal(positions);

        await receiver.WaitForAsync(receiver => receiver.Ledger.Distinct == Messages, Cancel);
        receiver.Ledger.Repeats.Should().Be(0);
    }

    private async Task<List<long>> WriteAsync(HostProcess host)
    {
        var positions = new List<long>();
        for (var number = 0; number < MessagesOfEachWriter; number++)
        {
            positions.Add((await host.Client.PostMessageAsync("orders", $$"""{"number":{{number}}}""", Cancel)).Position);
        }

        return positions;
    }

    private async Task<List<long>> ReadLogAsync(string connectionString)
    {
        var seen = new List<long>();
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand("SELECT position FROM postoffice.messages WHERE position > $1 ORDER BY position", connection);
        var after = new NpgsqlParameter<long>();
        command.Parameters.Add(after);

        while (seen.Count < Messages)
        {
            after.TypedValue = seen.LastOrDefault();
            await using var rows = await command.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel))
            {
                seen.Add(rows.GetInt64(0));
            }

            // With one missing, the last position comes before the last message.
            if (seen.LastOrDefault() == Messages)
            {
                break;
            }
        }

        return seen;
    }
}
