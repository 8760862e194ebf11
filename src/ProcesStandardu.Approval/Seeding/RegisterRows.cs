using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>What an import did, in rows.</summary>
/// <param name="Added">Rows that were not there.</param>
/// <param name="Changed">Rows of which at least one imported column differed.</param>
/// <param name="Removed">Parts of imported things that the files do not name any more.</param>
/// <param name="Unchanged">Rows that were as the files say.</param>
public sealed record ImportCounts(int Added, int Changed, int Removed, int Unchanged)
{
    /// <summary>True when nothing had to be written.</summary>
    public bool ChangedNothing => Added + Changed + Removed == 0;
}

/// <summary>
/// Writes rows of registers by their keys: only the columns that the files speak about, so that what people's acts have
/// put into the others stays. What is already so is not written.
/// </summary>
internal sealed class RegisterRows(ProcesDbContext db)
{
    private int seen;
    private ImportCounts written = new(0, 0, 0, 0);

    /// <summary>Adds or updates rows; rows that the files do not name stay, for others may refer to them.</summary>
    /// <param name="wanted">Objects whose properties bear the names of the entity's, its key among them.</param>
    public Task UpsertAsync<TEntity>(IEnumerable<object> wanted, CancellationToken cancellation)
        where TEntity : class =>
        WriteAsync<TEntity>(wanted, update: true, remove: false, cancellation);

    /// <summary>Makes a table that only files fill equal to the files.</summary>
    public Task ReplaceAsync<TEntity>(IEnumerable<object> wanted, CancellationToken cancellation)
        where TEntity : class =>
        WriteAsync<TEntity>(wanted, update: true, remove: true, cancellation);

    /// <summary>Adds rows that are missing and leaves those that exist to the people who keep them.</summary>
    public Task AddMissingAsync<TEntity>(IEnumerable<object> wanted, CancellationToken cancellation)
        where TEntity : class =>
        WriteAsync<TEntity>(wanted, update: false, remove: false, cancellation);

    /// <summary>A row that a caller compared by itself.</summary>
    public void Count() => seen++;

    /// <summary>Saves what is due so far. The registers refer to each other, and not every reference is known to EF Core's ordering.</summary>
    public async Task SaveAsync(CancellationToken cancellation)
    {
        db.ChangeTracker.DetectChanges();
        int In(EntityState state) => db.ChangeTracker.Entries().Count(entry => entry.State == state);
        written = new ImportCounts(
            written.Added + In(EntityState.Added),
            written.Changed + In(EntityState.Modified),
            written.Removed + In(EntityState.Deleted),
            0);
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>What was saved so far, against all rows that the files name.</summary>
    public ImportCounts Counts() => written with { Unchanged = seen - written.Added - written.Changed };

    private async Task WriteAsync<TEntity>(
        IEnumerable<object> wanted, bool update, bool remove, CancellationToken cancellation)
        where TEntity : class
    {
        var keys = db.Model.FindEntityType(typeof(TEntity))!.FindPrimaryKey()!.Properties
            .Select(property => property.Name).ToList();
        var existing = (await db.Set<TEntity>().IgnoreAutoIncludes().ToListAsync(cancellation))
            .Select(entity => db.Entry(entity))
            .ToDictionary(KeyOf);

        foreach (var row in wanted)
        {
            seen++;
            var key = string.Join('\0', keys.Select(name => row.GetType().GetProperty(name)!.GetValue(row)));
            if (existing.Remove(key, out var entry))
            {
                if (update)
                {
                    entry.CurrentValues.SetValues(row);
                }
            }
            else
            {
                // Entities keep their constructors for acts; an imported row is filled by its columns, as a loaded one is.
                entry = db.Entry((TEntity)Activator.CreateInstance(typeof(TEntity), nonPublic: true)!);
                entry.CurrentValues.SetValues(row);
                entry.State = EntityState.Added;
            }
        }

        if (remove)
        {
            foreach (var entry in existing.Values)
            {
                entry.State = EntityState.Deleted;
            }
        }

        string KeyOf(EntityEntry entry) =>
            string.Join('\0', keys.Select(name => entry.Property(name).CurrentValue));
    }
}
