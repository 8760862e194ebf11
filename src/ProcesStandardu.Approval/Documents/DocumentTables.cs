using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ProcesStandardu.Approval.Documents;

internal sealed class DocumentTables :
    IEntityTypeConfiguration<Deliverable>, IEntityTypeConfiguration<Revision>,
    IEntityTypeConfiguration<StoredFile>, IEntityTypeConfiguration<Submission>, IEntityTypeConfiguration<CompletenessItem>,
    IEntityTypeConfiguration<RevisionWithdrawal>
{
    public static void Map(ModelBuilder model)
    {
        var tables = new DocumentTables();
        model.ApplyConfiguration<Deliverable>(tables);
        model.ApplyConfiguration<Revision>(tables);
        model.ApplyConfiguration<StoredFile>(tables);
        model.ApplyConfiguration<Submission>(tables);
        model.ApplyConfiguration<CompletenessItem>(tables);
        model.ApplyConfiguration<RevisionWithdrawal>(tables);
    }

    public void Configure(EntityTypeBuilder<Deliverable> builder)
    {
        builder.ToTable("deliverable").HasKey(deliverable => deliverable.Key);
        builder.Property(deliverable => deliverable.Status).HasConversion(Stored(DocumentNames.DeliverableStatuses));
        builder.Ignore(deliverable => deliverable.AcceptsRevisions);
    }

    public void Configure(EntityTypeBuilder<Revision> builder)
    {
        builder.ToTable("revision").HasKey(revision => revision.Id);
        builder.HasIndex(revision => new { revision.DeliverableKey, revision.Major, revision.Minor }).IsUnique();
        builder.HasOne<Deliverable>().WithMany().HasForeignKey(revision => revision.DeliverableKey);
        builder.HasOne<StoredFile>().WithMany().HasForeignKey(revision => revision.FileId);
        builder.Property(revision => revision.Status).HasConversion(Stored(DocumentNames.RevisionStatuses));
        builder.Property(revision => revision.ChangeKind).HasConversion(Stored(DocumentNames.ChangeKinds));
        builder.Ignore(revision => revision.Number);
    }

    public void Configure(EntityTypeBuilder<StoredFile> builder) =>
        builder.ToTable("stored_file").HasKey(file => file.Id);

    public void Configure(EntityTypeBuilder<Submission> builder)
    {
        builder.ToTable("submission").HasKey(submission => submission.Id);
        builder.HasOne<Deliverable>().WithMany().HasForeignKey(submission => submission.DeliverableKey);
        builder.HasOne<StoredFile>().WithMany().HasForeignKey(submission => submission.FileId);
        builder.HasOne<Revision>().WithMany().HasForeignKey(submission => submission.RevisionId);
        builder.Property(submission => submission.State).HasConversion(Stored(DocumentNames.SubmissionStates));
        builder.Property(submission => submission.ChangeKind).HasConversion(Stored(DocumentNames.ChangeKinds));
        builder.Property(submission => submission.Step).HasConversion(Stored(DocumentNames.RevisionSteps));
    }

    public void Configure(EntityTypeBuilder<CompletenessItem> builder) =>
        builder.ToTable("completeness_item").HasKey(item => new { item.Kind, item.Item });

    public void Configure(EntityTypeBuilder<RevisionWithdrawal> builder)
    {
        builder.ToTable("revision_withdrawal").HasKey(withdrawal => withdrawal.Id);
        builder.HasOne<Revision>().WithMany().HasForeignKey(withdrawal => withdrawal.RevisionId);
        builder.Property(withdrawal => withdrawal.Ground).HasConversion(Stored(DocumentNames.WithdrawalGrounds));
    }

    private static ValueConverter<T, string> Stored<T>(IReadOnlyDictionary<T, string> names)
        where T : struct, Enum
    {
        var values = names.ToDictionary(pair => pair.Value, pair => pair.Key);
        return new ValueConverter<T, string>(value => names[value], name => values[name]);
    }
}

/// <summary>The names under which this slice's states are stored; they outlive the enumerations.</summary>
internal static class DocumentNames
{
    public static readonly IReadOnlyDictionary<DeliverableStatus, string> DeliverableStatuses =
        new Dictionary<DeliverableStatus, string>
        {
            [DeliverableStatus.Awaited] = "awaited",
            [DeliverableStatus.Submitted] = "submitted",
            [DeliverableStatus.InBallot] = "in_ballot",
            [DeliverableStatus.Adopted] = "adopted",
            [DeliverableStatus.NotAdopted] = "not_adopted",
        };

    public static readonly IReadOnlyDictionary<RevisionStatus, string> RevisionStatuses =
        new Dictionary<RevisionStatus, string>
        {
            [RevisionStatus.Submitted] = "submitted",
            [RevisionStatus.Withdrawn] = "withdrawn",
        };

    public static readonly IReadOnlyDictionary<ChangeKind, string> ChangeKinds =
        new Dictionary<ChangeKind, string>
        {
            [ChangeKind.Material] = "material",
            [ChangeKind.Editorial] = "editorial",
        };

    public static readonly IReadOnlyDictionary<SubmissionState, string> SubmissionStates =
        new Dictionary<SubmissionState, string>
        {
            [SubmissionState.Draft] = "draft",
            [SubmissionState.Confirmed] = "confirmed",
            [SubmissionState.Released] = "released",
            [SubmissionState.TakenBack] = "taken_back",
            [SubmissionState.Refused] = "refused",
        };

    public static readonly IReadOnlyDictionary<RevisionStep, string> RevisionSteps =
        new Dictionary<RevisionStep, string>
        {
            [RevisionStep.NextMinor] = "minor",
            [RevisionStep.NextMajor] = "major",
        };

    public static readonly IReadOnlyDictionary<WithdrawalGround, string> WithdrawalGrounds =
        new Dictionary<WithdrawalGround, string>
        {
            [WithdrawalGround.PersonalData] = "personal_data",
            [WithdrawalGround.WrongFile] = "wrong_file",
            [WithdrawalGround.OtherRights] = "other_rights",
            [WithdrawalGround.Other] = "other",
        };
}
