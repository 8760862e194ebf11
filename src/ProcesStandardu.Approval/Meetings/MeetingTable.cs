using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Persistence;

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

/// <summary>Who was at the sitting at which a ballot was taken: what quorum and majority rules mean by „present”.</summary>
/// <param name="Members">The members of the roll who were there, in person or by their alternates.</param>
public sealed record SittingAttendance(Guid MeetingId, IReadOnlySet<Guid> Members)
{
    /// <summary>The attendance of the sitting whose agenda names this ballot; null when none does, or none is recorded yet.</summary>
    public static async Task<SittingAttendance?> OfBallotAsync(ProcesDbContext db, Guid ballotId, CancellationToken cancellation)
    {
        var lines = await (
            from item in db.AgendaItems.AsNoTracking()
            join line in db.Attendances.AsNoTracking() on item.MeetingId equals line.MeetingId
            where item.BallotId == ballotId
            select line).ToListAsync(cancellation);
        return lines.Count == 0
            ? null
            : new SittingAttendance(
                lines[0].MeetingId,
                lines.Where(line => line.Presence is Presence.Present or Presence.Represented).Select(line => line.PersonId).ToHashSet());
    }
}
