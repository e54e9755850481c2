namespace Postoffice.Storage;

/// <summary>
/// The store cannot be reached, does not answer in time, or is out of space. Nothing is known of the write that met it: it may have been committed.
/// With an idempotency key it is safe to publish again.
/// </summary>
public sealed class StorageUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    public StorageUnavailableException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What could not be done.</param>
    public StorageUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What could not be done.</param>
    /// <param name="innerException">What the database client said.</param>
    public StorageUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
