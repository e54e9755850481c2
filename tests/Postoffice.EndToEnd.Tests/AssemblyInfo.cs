using Postoffice.EndToEnd.Tests.PubSub;
using Postoffice.EndToEnd.Tests.Storages;

// Each test runs a host, a receiver and often a database: more at once would only measure how they compete for the processors.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 2)]
[assembly: AssemblyFixture(typeof(PostgresFixture))]
[assembly: AssemblyFixture(typeof(PubSubFixture))]
