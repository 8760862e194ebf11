using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ProcesStandardu.Approval.People;

internal sealed class PersonTable : IEntityTypeConfiguration<Person>, IEntityTypeConfiguration<RoleAssignment>
{
    public void Configure(EntityTypeBuilder<Person> builder)
    {
        builder.ToTable("person").HasKey(person => person.Id);
        builder.HasIndex(person => person.Key).IsUnique();
    }

    public void Configure(EntityTypeBuilder<RoleAssignment> builder)
    {
        builder.ToTable("role_assignment")
            .HasKey(role => new { role.PersonId, role.Role, role.Scope, role.ValidFrom });
        builder.HasOne<Person>().WithMany().HasForeignKey(role => role.PersonId);
    }
}
