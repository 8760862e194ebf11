using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// Loads and saves the domain's rows. Names are snake_case and keys are made by us, both by convention; claims, locks
/// and the engine's batches are written in SQL and go over the same connection.
/// </summary>
public sealed class ProcesDbContext(DbContextOptions<ProcesDbContext> options) : DbContext(options)
{
    public DbSet<Person> People => Set<Person>();

    public DbSet<RoleAssignment> RoleAssignments => Set<RoleAssignment>();

    public DbSet<HistoryEntry> History => Set<HistoryEntry>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var people = new PersonTable();
        modelBuilder.ApplyConfiguration<Person>(people);
        modelBuilder.ApplyConfiguration<RoleAssignment>(people);
        modelBuilder.ApplyConfiguration(new HistoryTable());

        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.GetColumnName()));
                if (property.IsPrimaryKey())
                {
                    property.ValueGenerated = ValueGenerated.Never;
                }
            }
        }
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, place) =>
            char.IsUpper(letter) && place > 0 ? "_" + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));
}
