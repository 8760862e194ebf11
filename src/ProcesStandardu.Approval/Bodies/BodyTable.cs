using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Approval.Bodies;

internal sealed class BodyTable
    : IEntityTypeConfiguration<Body>, IEntityTypeConfiguration<BodyMember>, IEntityTypeConfiguration<RulesOfProcedure>,
        IEntityTypeConfiguration<Absence>
{
    public void Configure(EntityTypeBuilder<Body> builder) => builder.ToTable("body").HasKey(body => body.Key);

    public void Configure(EntityTypeBuilder<BodyMember> builder)
    {
        builder.ToTable("body_member")
            .HasKey(member => new { member.BodyKey, member.PersonId, member.Position, member.ValidFrom });
        builder.HasOne<Body>().WithMany().HasForeignKey(member => member.BodyKey);
        builder.HasOne<Person>().WithMany().HasForeignKey(member => member.PersonId);
        builder.Ignore(member => member.Votes);
    }

    public void Configure(EntityTypeBuilder<RulesOfProcedure> builder)
    {
        builder.ToTable("rules_of_procedure").HasKey(rules => new { rules.BodyKey, rules.Version });
        builder.HasOne<Body>().WithMany().HasForeignKey(rules => rules.BodyKey);
        builder.Property(rules => rules.Terms).HasColumnType("jsonb");
    }

    public void Configure(EntityTypeBuilder<Absence> builder)
    {
        builder.ToTable("absence").HasKey(absence => absence.Id);
        builder.HasOne<Person>().WithMany().HasForeignKey(absence => absence.PersonId);
    }
}
