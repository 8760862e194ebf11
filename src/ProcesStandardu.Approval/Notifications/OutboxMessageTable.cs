using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ProcesStandardu.Approval.Notifications;

internal sealed class OutboxMessageTable : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.ToTable("outbox_message").HasKey(message => message.Id);
        builder.Property(message => message.QueueNo).UseIdentityAlwaysColumn();
        builder.HasIndex(message => message.QueueNo).IsUnique();
        builder.HasIndex(message => message.MailKey).IsUnique();
        builder.Property(message => message.ValidWhile).HasColumnType("jsonb");
    }
}
