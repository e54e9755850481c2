using Microsoft.Extensions.Options;

namespace Postoffice.Host;

/// <summary>Says on one line each what keeps the host from starting, and nothing of its insides where the operator can mend it.</summary>
internal static class StartFailure
{
    /// <returns>The exit code.</returns>
    public static int Explain(Exception exception)
    {
        var causes = exception switch
        {
            OptionsValidationException invalid => invalid.Failures,
            { InnerException: OptionsValidationException invalid } => invalid.Failures,
            _ => [exception.Message],
        };

        foreach (var cause in causes)
        {
            Console.Error.WriteLine($"Postoffice cannot start: {cause}");
        }

        if (exception is not (OptionsValidationException or InvalidOperationException or IOException))
        {
            Console.Error.WriteLine(exception);
        }

        return 1;
    }
}
