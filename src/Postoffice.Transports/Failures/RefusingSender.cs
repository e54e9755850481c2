using Postoffice.Deliveries;

namespace Postoffice.Transports.Failures;

/// <summary>
/// The sender of a publisher whose row can't be used, such as one edited by hand. Unavailable, not rejected: its messages wait until the row is put right,
/// and no other publisher notices.
/// </summary>
internal sealed class RefusingSender(string error) : ISender
{
    public ValueTask<SendResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(new SendResult(SendOutcome.Unavailable, Error: error));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
