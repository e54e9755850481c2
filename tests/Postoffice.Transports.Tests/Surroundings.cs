using System.Runtime.CompilerServices;

namespace Postoffice.Transports.Tests;

/// <summary>Tests say themselves what the transports are to find: an emulator that other tests were given must not be called by these.</summary>
internal static class Surroundings
{
    [ModuleInitializer]
    internal static void Clear()
    {
        foreach (var variable in (string[])["PUBSUB_EMULATOR_HOST", "GCLOUD_PUBSUB_PROJECT_ID", "GOOGLE_APPLICATION_CREDENTIALS"])
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }
}
