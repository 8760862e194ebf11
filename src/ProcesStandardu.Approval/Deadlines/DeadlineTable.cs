using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ProcesStandardu.Approval.Deadlines.Amendments;
using ProcesStandardu.Approval.Deadlines.Watch;

namespace ProcesStandardu.Approval.Deadlines;

internal sealed class DeadlineTable :
    IEntityTypeConfiguration<Deadline>, IEntityTypeConfiguration<DeadlineDate>, IEntityTypeConfiguration<AgreementAmendment>,
    IEntityTypeConfiguration<AmendmentChange>, IEntityTypeConfiguration<ReminderSetting>,
    IEntityTypeConfiguration<WatchFinding>
{
    public void Configure(EntityTypeBuilder<Deadline> builder) =>
        builder.ToTable("deadline").HasKey(deadline => deadline.Key);

    public void Configure(EntityTypeBuilder<DeadlineDate> builder) =>
        builder.ToTable("deadline_date").HasKey(date => new { date.DeadlineKey, date.Ordinal });

    public void Configure(EntityTypeBuilder<AgreementAmendment> builder)
    {
        builder.ToTable("agreement_amendment").HasKey(amendment => amendment.Id);
        builder.Property(amendment => amendment.Preview).HasColumnType("jsonb");
        builder.HasMany(amendment => amendment.Changes).WithOne().HasForeignKey(change => change.AmendmentId);
    }

    public void Configure(EntityTypeBuilder<ReminderSetting> builder) =>
        builder.ToTable("reminder_setting").HasKey(setting => setting.Kind);

    public void Configure(EntityTypeBuilder<WatchFinding> builder) =>
        builder.ToTable("watch_finding").HasKey(finding => finding.Id);

    public void Configure(EntityTypeBuilder<AmendmentChange> builder) =>
        builder.ToTable("amendment_change").HasKey(change => new { change.AmendmentId, change.DeadlineKey });
}
