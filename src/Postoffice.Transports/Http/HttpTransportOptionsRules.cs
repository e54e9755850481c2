using Microsoft.Extensions.Options;

namespace Postoffice.Transports.Http;

/// <summary>The ranges of <see cref="HttpTransportOptions"/>, judged when the host starts.</summary>
internal sealed class HttpTransportOptionsRules : IValidateOptions<HttpTransportOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpTransportOptions options)
    {
        List<string> failures = [];

        Check(nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(2));
        Check(nameof(options.PooledConnectionLifetime), options.PooledConnectionLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(nameof(options.MaxResponseBytes), options.MaxResponseBytes, 0, 16 * 1024 * 1024);
        Check(nameof(options.MaxErrorBytes), options.MaxErrorBytes, 128, 4 * 1024);

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check<T>(string setting, T value, T min, T max)
            where T : IComparable<T>
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            {
                failures.Add($"{HttpTransportOptions.SectionName}:{setting} ({value}) is out of range: give a value from {min} to {max}.");
            }
        }
    }
}
