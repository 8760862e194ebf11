using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Approval.Ballots;

internal sealed class BallotTable
    : IEntityTypeConfiguration<Ballot>, IEntityTypeConfiguration<Elector>, IEntityTypeConfiguration<BallotPosition>,
        IEntityTypeConfiguration<BallotUrn>, IEntityTypeConfiguration<DissentingOpinion>, IEntityTypeConfiguration<EditorialChange>
{
    public void Configure(EntityTypeBuilder<Ballot> builder)
    {
        builder.ToTable("ballot").HasKey(ballot => ballot.Id);
        builder.HasOne<Body>().WithMany().HasForeignKey(ballot => ballot.BodyKey);
        builder.HasMany(ballot => ballot.Electors).WithOne().HasForeignKey(elector => elector.BallotId);
        builder.HasMany(ballot => ballot.Positions).WithOne().HasForeignKey(position => position.BallotId);
        builder.Navigation(ballot => ballot.Electors).HasField("electors");
        builder.Navigation(ballot => ballot.Positions).HasField("positions");
        builder.HasOne(ballot => ballot.Urn).WithOne().HasForeignKey<BallotUrn>(urn => urn.BallotId);
        builder.Ignore(ballot => ballot.IsOpen).Ignore(ballot => ballot.IsSecret).Ignore(ballot => ballot.HasResult);
    }

    public void Configure(EntityTypeBuilder<Elector> builder)
    {
        builder.ToTable("ballot_elector").HasKey(elector => new { elector.BallotId, elector.PersonId });
        builder.HasOne<Person>().WithMany().HasForeignKey(elector => elector.PersonId);
        builder.Ignore(elector => elector.IsRecused).Ignore(elector => elector.AwaitsDecision);
    }

    public void Configure(EntityTypeBuilder<BallotPosition> builder) =>
        builder.ToTable("ballot_position").HasKey(position => position.Id);

    public void Configure(EntityTypeBuilder<BallotUrn> builder) => builder.ToTable("ballot_urn").HasKey(urn => urn.BallotId);

    public void Configure(EntityTypeBuilder<EditorialChange> builder) =>
        builder.ToTable("ballot_editorial_change").HasKey(change => new { change.BallotId, change.RevisionId });

    public void Configure(EntityTypeBuilder<DissentingOpinion> builder)
    {
        builder.ToTable("dissenting_opinion").HasKey(opinion => new { opinion.BallotId, opinion.PersonId });
        builder.HasOne<Elector>().WithMany().HasForeignKey(opinion => new { opinion.BallotId, opinion.PersonId });
    }
}
