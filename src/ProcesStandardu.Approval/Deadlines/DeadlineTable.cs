using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ProcesStandardu.Approval.Deadlines;

internal sealed class DeadlineTable : IEntityTypeConfiguration<Deadline>
{
    public void Configure(EntityTypeBuilder<Deadline> builder) =>
        builder.ToTable("deadline").HasKey(deadline => deadline.Key);
}
