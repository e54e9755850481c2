using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postoffice.Diagnostics;
using Postoffice.Storage;

namespace Postoffice.Startup;

/// <summary>
/// Brings the database to this version before anything works on it. A database that cannot be reached yet does not keep the application from starting:
/// publishing answers with <see cref="StorageUnavailableException"/> meanwhile, and this goes on trying. A schema that is too new stops the start.
/// </summary>
internal sealed partial class StorageStartup(
    IStorage storage, bool migrate, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<StorageStartup> logger)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private Task _trying = Task.CompletedTask;

    /// <summary>Ends when the database is ready.</summary>
    public Task Ready => _ready.Task;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageUnavailableException exception)
        {
            Log.Waiting(logger, storage.Description, exception.Message);
            _trying = Task.Run(TryAgainAsync, CancellationToken.None);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _trying.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    private async Task TryAgainAsync()
    {
        while (!_ready.Task.IsCompleted)
        {
            try
            {
                await Task.Delay(Pause, time, _stop.Token).ConfigureAwait(false);
                await PrepareAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (StorageUnavailableException)
            {
                // Said once at start; health says it all the time.
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.Refused(logger, storage.Description, exception);
                lifetime.StopApplication();
                return;
            }
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await (migrate ? storage.MigrateAsync(cancellationToken) : storage.CheckSchemaAsync(cancellationToken)).ConfigureAwait(false);
        Log.Ready(logger, storage.Description);
        _ready.TrySetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.StorageReady, LogLevel.Information, "Storage is ready: {Storage}")]
        public static partial void Ready(ILogger logger, string storage);

        [LoggerMessage(EventIds.StorageWaiting, LogLevel.Warning, "Storage cannot be reached yet: {Storage}: {Reason} Trying again every second; publishes are refused meanwhile")]
        public static partial void Waiting(ILogger logger, string storage, string reason);

        [LoggerMessage(EventIds.StorageRefused, LogLevel.Critical, "Storage cannot be used: {Storage}; stopping")]
        public static partial void Refused(ILogger logger, string storage, Exception exception);
    }
}
