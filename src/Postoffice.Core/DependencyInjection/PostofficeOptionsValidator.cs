using Microsoft.Extensions.Options;
using Postoffice.Cluster;
using Postoffice.Ingestion;
using Postoffice.Pipeline;

namespace Postoffice;

/// <summary>Judges the settings when the application starts. Each failure names the setting, its value and the remedy.</summary>
internal sealed class PostofficeOptionsValidator : IValidateOptions<PostofficeOptions>
{
    public ValidateOptionsResult Validate(string? name, PostofficeOptions options)
    {
        var failures = new List<string>();
        Check(options.Ingestion, failures);
        Check(options.Pipeline, failures);
        Check(options.Cluster, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void Check(IngestionOptions options, List<string> failures)
    {
        const string section = "Postoffice:Ingestion";
        Range(failures, $"{section}:{nameof(options.MaxBatchMessages)}", options.MaxBatchMessages, 1, 10_000);
        Range(failures, $"{section}:{nameof(options.MaxPendingBytes)}", options.MaxPendingBytes, 32L * 1024 * 1024, long.MaxValue);
        Range(failures, $"{section}:{nameof(options.RelayInterval)}", options.RelayInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
    }

    private static void Check(PipelineOptions options, List<string> failures)
    {
        const string section = "Postoffice:Pipeline";
        Range(failures, $"{section}:{nameof(options.MaxDemand)}", options.MaxDemand, 1, 1_000);
        if (options.MinDemand is { } minDemand)
        {
            Range(failures, $"{section}:{nameof(options.MinDemand)}", minDemand, 0, options.MaxDemand - 1);
        }

        Range(failures, $"{section}:{nameof(options.MaxInFlight)}", options.MaxInFlight, 1, 100_000);
        Range(failures, $"{section}:{nameof(options.PollInterval)}", options.PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Range(failures, $"{section}:{nameof(options.SettleDelay)}", options.SettleDelay, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Range(failures, $"{section}:{nameof(options.SettleBatchSize)}", options.SettleBatchSize, 1, 10_000);
        Range(failures, $"{section}:{nameof(options.WindowSize)}", options.WindowSize, 256, 65_536);
        Range(failures, $"{section}:{nameof(options.DrainTimeout)}", options.DrainTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10));
    }

    private static void Check(ClusterOptions options, List<string> failures)
    {
        const string section = "Postoffice:Cluster";
        Range(failures, $"{section}:{nameof(options.LeaseDuration)}", options.LeaseDuration, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10));
        Range(failures, $"{section}:{nameof(options.RenewInterval)}", options.RenewInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(3));
        if (options.LeaseDuration < 3 * options.RenewInterval)
        {
            failures.Add($"{section}:{nameof(options.LeaseDuration)} ({options.LeaseDuration}) must be at least three times {section}:{nameof(options.RenewInterval)} "
                + $"({options.RenewInterval}), or one slow renewal makes another node take over. Raise the first or lower the second.");
        }

        if (options.LeaseMargin < TimeSpan.Zero || options.LeaseMargin >= options.LeaseDuration - (2 * options.RenewInterval))
        {
            failures.Add($"{section}:{nameof(options.LeaseMargin)} ({options.LeaseMargin}) must be less than {nameof(options.LeaseDuration)} - 2 × {nameof(options.RenewInterval)} "
                + $"({options.LeaseDuration - (2 * options.RenewInterval)}), or a node would stop sending between two renewals. Lower it.");
        }
    }

    private static void Range<T>(List<string> failures, string setting, T value, T min, T max)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            failures.Add($"{setting} is {value}, which is out of range. Set it to a value from {min} to {max}.");
        }
    }
}
