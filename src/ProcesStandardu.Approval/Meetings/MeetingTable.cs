using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Meetings;

internal sealed class MeetingTable
    : IEntityTypeConfiguration<Meeting>, IEntityTypeConfiguration<AgendaItem>, IEntityTypeConfiguration<Attendance>
{
    public static void Map(ModelBuilder model)
    {
        var tables = new MeetingTable();
        model.ApplyConfiguration<Meeting>(tables);
        model.ApplyConfiguration<AgendaItem>(tables);
        model.ApplyConfiguration<Attendance>(tables);
    }

    public void Configure(EntityTypeBuilder<Meeting> builder)
    {
        builder.ToTable("meeting").HasKey(meeting => meeting.Id);
        builder.HasOne<Body>().WithMany().HasForeignKey(meeting => meeting.BodyKey);
    }

    public void Configure(EntityTypeBuilder<AgendaItem> builder)
    {
        builder.ToTable("agenda_item").HasKey(item => item.Id);
        builder.HasOne<Meeting>().WithMany().HasForeignKey(item => item.MeetingId);
    }

    public void Configure(EntityTypeBuilder<Attendance> builder)
    {
        builder.ToTable("attendance").HasKey(line => new { line.MeetingId, line.PersonId });
        builder.HasOne<Meeting>().WithMany().HasForeignKey(line => line.MeetingId);
    }
}
