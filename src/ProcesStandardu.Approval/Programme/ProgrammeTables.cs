using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Maps the programme's rows. What belongs to an aggregate (sources of a fact, readings of a conflict) is loaded with it.</summary>
internal sealed class ProgrammeTables :
    IEntityTypeConfiguration<Source>,
    IEntityTypeConfiguration<Fact>,
    IEntityTypeConfiguration<FactSource>,
    IEntityTypeConfiguration<Conflict>,
    IEntityTypeConfiguration<ConflictReading>,
    IEntityTypeConfiguration<Organisation>,
    IEntityTypeConfiguration<OrganisationRoleHeld>,
    IEntityTypeConfiguration<PublicProgramme>,
    IEntityTypeConfiguration<ProgrammeTask>,
    IEntityTypeConfiguration<TaskPartner>,
    IEntityTypeConfiguration<StandardWork>,
    IEntityTypeConfiguration<Pilot>,
    IEntityTypeConfiguration<PilotWork>,
    IEntityTypeConfiguration<Phase>,
    IEntityTypeConfiguration<Indicator>,
    IEntityTypeConfiguration<IndicatorValue>
{
    /// <summary>Adds every table of the slice to the model.</summary>
    public static void Map(ModelBuilder model)
    {
        var tables = new ProgrammeTables();
        model.ApplyConfiguration<Source>(tables);
        model.ApplyConfiguration<Fact>(tables);
        model.ApplyConfiguration<FactSource>(tables);
        model.ApplyConfiguration<Conflict>(tables);
        model.ApplyConfiguration<ConflictReading>(tables);
        model.ApplyConfiguration<Organisation>(tables);
        model.ApplyConfiguration<OrganisationRoleHeld>(tables);
        model.ApplyConfiguration<PublicProgramme>(tables);
        model.ApplyConfiguration<ProgrammeTask>(tables);
        model.ApplyConfiguration<TaskPartner>(tables);
        model.ApplyConfiguration<StandardWork>(tables);
        model.ApplyConfiguration<Pilot>(tables);
        model.ApplyConfiguration<PilotWork>(tables);
        model.ApplyConfiguration<Phase>(tables);
        model.ApplyConfiguration<Indicator>(tables);
        model.ApplyConfiguration<IndicatorValue>(tables);
    }

    public void Configure(EntityTypeBuilder<Source> builder)
    {
        builder.ToTable("source").HasKey(source => source.Key);
        builder.Property(source => source.PublishedPrecision).HasConversion(Stored<DatePrecision>());
    }

    public void Configure(EntityTypeBuilder<Fact> builder)
    {
        builder.ToTable("fact").HasKey(fact => fact.Key);
        builder.Property(fact => fact.Certainty).HasConversion(Stored<FactCertainty>());
        builder.HasMany(fact => fact.Sources).WithOne().HasForeignKey(source => source.FactKey);
        builder.Navigation(fact => fact.Sources).AutoInclude();
    }

    public void Configure(EntityTypeBuilder<FactSource> builder)
    {
        builder.ToTable("fact_source").HasKey(source => new { source.FactKey, source.SourceKey });
        builder.HasOne(source => source.Source).WithMany().HasForeignKey(source => source.SourceKey);
        builder.Navigation(source => source.Source).AutoInclude();
    }

    public void Configure(EntityTypeBuilder<Conflict> builder)
    {
        builder.ToTable("conflict").HasKey(conflict => conflict.Key);
        builder.HasMany(conflict => conflict.Readings).WithOne().HasForeignKey(reading => reading.ConflictKey);
        builder.Navigation(conflict => conflict.Readings).AutoInclude();
    }

    public void Configure(EntityTypeBuilder<ConflictReading> builder)
    {
        builder.ToTable("conflict_reading").HasKey(reading => new { reading.ConflictKey, reading.Ordinal });
        builder.HasOne(reading => reading.Source).WithMany().HasForeignKey(reading => reading.SourceKey);
        builder.Navigation(reading => reading.Source).AutoInclude();
    }

    public void Configure(EntityTypeBuilder<Organisation> builder)
    {
        builder.ToTable("organisation").HasKey(organisation => organisation.Key);
        builder.Property(organisation => organisation.Kind).HasConversion(Stored<OrganisationKind>());
        builder.HasOne<Source>().WithMany().HasForeignKey(organisation => organisation.SourceKey);
        builder.HasMany(organisation => organisation.Roles).WithOne().HasForeignKey(role => role.OrganisationKey);
        builder.Navigation(organisation => organisation.Roles).AutoInclude();
    }

    public void Configure(EntityTypeBuilder<OrganisationRoleHeld> builder)
    {
        builder.ToTable("organisation_role").HasKey(role => new { role.OrganisationKey, role.Role });
        builder.Property(role => role.Role).HasConversion(Stored<OrganisationRole>());
        builder.HasOne<Source>().WithMany().HasForeignKey(role => role.SourceKey);
    }

    public void Configure(EntityTypeBuilder<PublicProgramme> builder)
    {
        builder.ToTable("programme").HasKey(programme => programme.Key);
        builder.Property(programme => programme.Status).HasConversion(Stored<ProgrammeStatus>());
        builder.HasOne<Source>().WithMany().HasForeignKey(programme => programme.SourceKey);
    }

    public void Configure(EntityTypeBuilder<ProgrammeTask> builder)
    {
        builder.ToTable("programme_task").HasKey(task => task.Key);
        builder.HasOne<PublicProgramme>().WithMany().HasForeignKey(task => task.ProgrammeKey);
        builder.HasOne(task => task.Source).WithMany().HasForeignKey(task => task.SourceKey);
        builder.HasMany(task => task.Partners).WithOne().HasForeignKey(partner => partner.TaskKey);
    }

    public void Configure(EntityTypeBuilder<TaskPartner> builder)
    {
        builder.ToTable("task_partner").HasKey(partner => new { partner.TaskKey, partner.OrganisationKey });
        builder.Property(partner => partner.Role).HasConversion(Stored<TaskPartnerRole>());
        builder.HasOne(partner => partner.Organisation).WithMany().HasForeignKey(partner => partner.OrganisationKey);
        builder.HasOne<Source>().WithMany().HasForeignKey(partner => partner.SourceKey);
    }

    public void Configure(EntityTypeBuilder<StandardWork> builder)
    {
        builder.ToTable("standard_work").HasKey(work => work.Key);
        builder.Property(work => work.Kind).HasConversion(Stored<WorkKind>());
        builder.HasOne(work => work.Task).WithMany().HasForeignKey(work => work.TaskKey);
        builder.HasOne<Source>().WithMany().HasForeignKey(work => work.SourceKey);
    }

    public void Configure(EntityTypeBuilder<Pilot> builder)
    {
        builder.ToTable("pilot").HasKey(pilot => pilot.Key);
        builder.Property(pilot => pilot.StartsPrecision).HasConversion(Stored<DatePrecision>());
        builder.Property(pilot => pilot.EndsPrecision).HasConversion(Stored<DatePrecision>());
        builder.Property(pilot => pilot.ValuePln).HasColumnType("numeric(14,2)");
        builder.HasOne<ProgrammeTask>().WithMany().HasForeignKey(pilot => pilot.TaskKey);
        builder.HasOne(pilot => pilot.Implementer).WithMany().HasForeignKey(pilot => pilot.ImplementerKey);
        builder.HasOne<Source>().WithMany().HasForeignKey(pilot => pilot.SourceKey);
        builder.HasMany(pilot => pilot.Works).WithOne().HasForeignKey(work => work.PilotKey);
    }

    public void Configure(EntityTypeBuilder<PilotWork> builder)
    {
        builder.ToTable("pilot_work").HasKey(work => new { work.PilotKey, work.WorkKey });
        builder.HasOne(work => work.Work).WithMany().HasForeignKey(work => work.WorkKey);
    }

    public void Configure(EntityTypeBuilder<Phase> builder)
    {
        builder.ToTable("phase").HasKey(phase => phase.Key);
        builder.Ignore(phase => phase.HistorySubject);
        builder.HasIndex(phase => new { phase.Path, phase.Ordinal }).IsUnique();
        builder.Property(phase => phase.StartsPrecision).HasConversion(Stored<DatePrecision>());
        builder.Property(phase => phase.EndsPrecision).HasConversion(Stored<DatePrecision>());
        builder.Property(phase => phase.Status).HasConversion(Stored<PhaseStatus>());
        builder.HasOne<ProgrammeTask>().WithMany().HasForeignKey(phase => phase.TaskKey);
        builder.HasOne<StandardWork>().WithMany().HasForeignKey(phase => phase.WorkKey);
        builder.HasOne<Pilot>().WithMany().HasForeignKey(phase => phase.PilotKey);
        builder.HasOne(phase => phase.Source).WithMany().HasForeignKey(phase => phase.SourceKey);
    }

    public void Configure(EntityTypeBuilder<Indicator> builder)
    {
        builder.ToTable("indicator").HasKey(indicator => indicator.Key);
        builder.Property(indicator => indicator.Target).HasColumnType("numeric(14,2)");
        builder.HasOne<ProgrammeTask>().WithMany().HasForeignKey(indicator => indicator.TaskKey);
        builder.HasOne<StandardWork>().WithMany().HasForeignKey(indicator => indicator.WorkKey);
        builder.HasOne<Pilot>().WithMany().HasForeignKey(indicator => indicator.PilotKey);
        builder.HasOne(indicator => indicator.Source).WithMany().HasForeignKey(indicator => indicator.SourceKey);
    }

    public void Configure(EntityTypeBuilder<IndicatorValue> builder)
    {
        builder.ToTable("indicator_value").HasKey(value => value.Id);
        builder.Property(value => value.Value).HasColumnType("numeric(14,2)");
        builder.HasOne<Indicator>().WithMany().HasForeignKey(value => value.IndicatorKey);
        builder.HasOne<Person>().WithMany().HasForeignKey(value => value.ReportedById);
    }

    /// <summary>The stored name of an enum's member is its name in lower_snake; the check constraints list the same names.</summary>
    private static ValueConverter<TEnum, string> Stored<TEnum>()
        where TEnum : struct, Enum =>
        new(
            value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()),
            text => Enum.Parse<TEnum>(text.Replace("_", "", StringComparison.Ordinal), true));
}
