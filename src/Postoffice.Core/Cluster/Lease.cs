namespace Postoffice.Cluster;

/// <summary>A node's exclusive right to run a publisher for a while.</summary>
/// <param name="PublisherId">The publisher.</param>
/// <param name="Epoch">The fencing token: one higher with every change of owner.</param>
/// <param name="Cursor">Where the publisher stood when the lease was taken.</param>
/// <param name="SettledAbove">What was settled beyond the cursor; see <see cref="Storage.SettledSet"/>.</param>
internal sealed record Lease(long PublisherId, long Epoch, long Cursor, byte[] SettledAbove);
