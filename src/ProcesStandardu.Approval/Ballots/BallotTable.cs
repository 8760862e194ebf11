using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Approval.Ballots;

internal sealed class BallotTable
    : IEntityTypeConfiguration<Ballot>, IEntityTypeConfiguration<Elector>, IEntityTypeConfiguration<BallotPosition>
{
    public void Configure(EntityTypeBuilder<Ballot> builder)
    {
        builder.ToTable("ballot").HasKey(ballot => ballot.Id);
        builder.HasOne<Body>().WithMany().HasForeignKey(ballot => ballot.BodyKey);
        builder.HasMany(ballot => ballot.Electors).WithOne().HasForeignKey(elector => elector.BallotId);
        builder.HasMany(ballot => ballot.Positions).WithOne().HasForeignKey(position => position.BallotId);
        builder.Navigation(ballot => ballot.Electors).HasField("electors");
        builder.Navigation(ballot => ballot.Positions).HasField("positions");
        builder.Ignore(ballot => ballot.IsOpen);
    }

    public void Configure(EntityTypeBuilder<Elector> builder)
    {
        builder.ToTable("ballot_elector").HasKey(elector => new { elector.BallotId, elector.PersonId });
        builder.HasOne<Person>().WithMany().HasForeignKey(elector => elector.PersonId);
        builder.Ignore(elector => elector.IsRecused);
    }

    public void Configure(EntityTypeBuilder<BallotPosition> builder) =>
        builder.ToTable("ballot_position").HasKey(position => position.Id);
}
