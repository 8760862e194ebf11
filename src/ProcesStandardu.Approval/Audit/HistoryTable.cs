using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ProcesStandardu.Approval.Audit;

internal sealed class HistoryTable : IEntityTypeConfiguration<HistoryEntry>
{
    public void Configure(EntityTypeBuilder<HistoryEntry> builder)
    {
        builder.ToTable("history_entry").HasKey(entry => entry.Id);
        builder.HasIndex(entry => new { entry.Subject, entry.Seq }).IsUnique();
        builder.Property(entry => entry.Details).HasColumnType("jsonb");
    }
}
