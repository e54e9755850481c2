using Microsoft.Extensions.Logging;

namespace Postoffice.Diagnostics;

/// <summary>Says once that something fails, and once that it works again; a loop that tries every second fills no log. Used by one loop at a time.</summary>
internal sealed partial class OutageLog(ILogger logger, string what)
{
    private bool _isFailing;

    public void Failed(Exception? exception)
    {
        if (!_isFailing)
        {
            _isFailing = true;
            Log.Failing(logger, what, exception);
        }
    }

    public void Works()
    {
        if (_isFailing)
        {
            _isFailing = false;
            Log.WorksAgain(logger, what);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Failing, LogLevel.Warning, "{What} fails; trying on until it works")]
        public static partial void Failing(ILogger logger, string what, Exception? exception);

        [LoggerMessage(EventIds.WorksAgain, LogLevel.Information, "{What} works again")]
        public static partial void WorksAgain(ILogger logger, string what);
    }
}
