using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ProcesStandardu.Approval.Notifications;

internal sealed class OutboxMessageTable : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.ToTable("outbox_message").HasKey(message => message.Id);
        builder.Property(message => message.QueueNo).UseIdentityAlwaysColumn();
        builder.HasIndex(message => message.QueueNo).IsUnique();
        builder.Property(message => message.Bytes).HasConversion(
            mail => PackedMail.Pack(mail),
            stored => PackedMail.Unpack(stored),
            // A mail is never changed, only read and compared as a whole.
            new ValueComparer<byte[]>((one, other) => ReferenceEquals(one, other), mail => mail.Length, mail => mail));
        builder.Property(message => message.ValidWhile).HasColumnType("jsonb");
    }
}
