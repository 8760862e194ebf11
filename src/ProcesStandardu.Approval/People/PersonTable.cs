using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ProcesStandardu.Approval.People;

internal sealed class PersonTable : IEntityTypeConfiguration<Person>, IEntityTypeConfiguration<RoleAssignment>,
    IEntityTypeConfiguration<PersonLogin>, IEntityTypeConfiguration<SignInSession>
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

    public void Configure(EntityTypeBuilder<PersonLogin> builder)
    {
        builder.ToTable("person_login").HasKey(login => new { login.Tenant, login.ObjectId });
        builder.HasOne<Person>().WithMany().HasForeignKey(login => login.PersonId);
    }

    public void Configure(EntityTypeBuilder<SignInSession> builder)
    {
        builder.ToTable("sign_in_session").HasKey(session => session.Id);
        builder.HasOne<Person>().WithMany().HasForeignKey(session => session.PersonId);
    }
}
