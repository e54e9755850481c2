using System.Globalization;

namespace Postoffice.Load;

/// <summary>What to measure, from the command line: <c>--name value</c> pairs.</summary>
internal sealed record LoadOptions
{
    public const string Usage = """
        dotnet run -c Release --project benchmarks/Postoffice.Load -- [options]

          --storage postgres|sqlite   where the host keeps its messages (postgres)
          --prepare                   let host and inserting loop prepare their statements (Max Auto Prepare=50)
          --posts N                   single posts (20000)
          --connections N             connections that post, and that insert (64)
          --payload BYTES             size of a payload (1024)
          --backlog N                 messages to drain (50000)
          --demand N,N                max_demand of the publishers that drain, one after another (50,200)
          --warmup N                  requests before the first measurement of each kind (5000)
          --rounds N                  how often each thing is measured, in turn; the median counts (3)
          --name NAME                 name of the result file (load)
          --no-file                   print only

        dotnet run -c Release --project benchmarks/Postoffice.Load -- pages [--messages N] [--publishers N] [--no-file]

          How long each page of the dashboard takes to read, with a million messages and 200 publishers on PostgreSQL unless told otherwise.

        dotnet run -c Release --project benchmarks/Postoffice.Load -- pubsub [--messages N] [--rounds N] [--no-file]

          How fast a backlog goes to Google Cloud Pub/Sub's emulator, beside a bare loop, and in how many calls.

        POSTOFFICE_TEST_POSTGRES names a PostgreSQL to use; without it one is started.
        """;

    public string Storage { get; private init; } = "postgres";

    public bool Prepares { get; private init; }

    public int Posts { get; private init; } = 20_000;

    public int Connections { get; private init; } = 64;

    public int PayloadBytes { get; private init; } = 1_024;

    public int Backlog { get; private init; } = 50_000;

    public IReadOnlyList<int> Demands { get; private init; } = [50, 200];

    public int Warmup { get; private init; } = 5_000;

    public int Rounds { get; private init; } = 3;

    public string Name { get; private init; } = "load";

    public bool WritesFile { get; private init; } = true;

    /// <exception cref="FormatException">An argument is not known, or its value is no number.</exception>
    public static LoadOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new LoadOptions();
        for (var index = 0; index < arguments.Count; index++)
        {
            string Value() => ++index < arguments.Count ? arguments[index] : throw new FormatException($"{arguments[^1]} needs a value.");
            int Number() => int.Parse(Value(), NumberStyles.None, CultureInfo.InvariantCulture);

            options = arguments[index] switch
            {
                "--storage" => options with { Storage = Value() },
                "--prepare" => options with { Prepares = true },
                "--posts" => options with { Posts = Number() },
                "--connections" => options with { Connections = Number() },
                "--payload" => options with { PayloadBytes = Number() },
                "--backlog" => options with { Backlog = Number() },
                "--demand" => options with { Demands = [.. Value().Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))] },
                "--warmup" => options with { Warmup = Number() },
                "--rounds" => options with { Rounds = Math.Max(1, Number()) },
                "--name" => options with { Name = Value() },
                "--no-file" => options with { WritesFile = false },
                var unknown => throw new FormatException($"{unknown} is not known."),
            };
        }

        return options.Storage is "postgres" or "sqlite" ? options : throw new FormatException($"--storage {options.Storage}: it must be postgres or sqlite.");
    }
}
