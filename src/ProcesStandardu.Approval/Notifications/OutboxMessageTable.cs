using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ProcesStandardu.Approval.Notifications;

internal sealed class OutboxMessageTable : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.ToTable("outbox_message").HasKey(message => message.Id);
        builder.HasIndex(message => message.MailKey).IsUnique();
        builder.Property(message => message.ValidWhile).HasColumnType("jsonb");
    }
}
