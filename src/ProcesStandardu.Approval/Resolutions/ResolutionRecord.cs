using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ProcesStandardu.Approval.Ballots;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>A resolution as it was drawn up with its first signature; it never changes.</summary>
public sealed class ResolutionRecord
{
    public required Guid BallotId { get; init; }

    /// <summary>The sections of <see cref="EvidenceSections.Core"/> as JSON.</summary>
    public required string Core { get; init; }

    /// <summary>See <see cref="EvidenceData.Fingerprint"/>; 32 bytes.</summary>
    public required byte[] Fingerprint { get; init; }

    public required Guid DrawnUpById { get; init; }

    public required DateTimeOffset DrawnUpAt { get; init; }

    internal EvidenceData Read() => EvidenceData.Parse(System.Text.Encoding.UTF8.GetBytes(Core));
}

/// <summary>One signature under a resolution.</summary>
public sealed class ResolutionSignature
{
    public required Guid BallotId { get; init; }

    /// <summary>See <see cref="SigningCapacity"/>.</summary>
    public required string Capacity { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>The signer's place in the board at that moment: the vice-chair may sign for the chair.</summary>
    public required string Position { get; init; }

    public required DateTimeOffset SignedAt { get; init; }
}

/// <summary>The stored names of what a signature is given as.</summary>
public static class SigningCapacity
{
    public const string Chair = "chair";
    public const string Secretary = "secretary";

    /// <summary>In the order in which they stand under a resolution.</summary>
    public static IReadOnlyList<string> All { get; } = [Chair, Secretary];
}

internal sealed class ResolutionTables : IEntityTypeConfiguration<ResolutionRecord>, IEntityTypeConfiguration<ResolutionSignature>
{
    public static void Map(ModelBuilder model)
    {
        var tables = new ResolutionTables();
        model.ApplyConfiguration<ResolutionRecord>(tables);
        model.ApplyConfiguration<ResolutionSignature>(tables);
    }

    public void Configure(EntityTypeBuilder<ResolutionRecord> builder)
    {
        builder.ToTable("resolution_record").HasKey(record => record.BallotId);
        builder.HasOne<Ballot>().WithMany().HasForeignKey(record => record.BallotId);
    }

    public void Configure(EntityTypeBuilder<ResolutionSignature> builder)
    {
        builder.ToTable("resolution_signature").HasKey(signature => new { signature.BallotId, signature.Capacity });
        builder.HasOne<ResolutionRecord>().WithMany().HasForeignKey(signature => signature.BallotId);
    }
}
