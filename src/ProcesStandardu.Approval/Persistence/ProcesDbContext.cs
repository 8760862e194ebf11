using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Calendar;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Deadlines.Amendments;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Resolutions;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// Loads and saves the domain's rows. Names are snake_case and keys are made by us, both by convention; claims, locks
/// and the engine's batches are written in SQL and go over the same connection.
/// </summary>
public sealed class ProcesDbContext(DbContextOptions<ProcesDbContext> options) : DbContext(options)
{
    private static readonly DbContextOptions<ProcesDbContext> InUnitOfWork = new DbContextOptionsBuilder<ProcesDbContext>()
        .UseNpgsql().AddInterceptors(new QueueGoesFirst()).Options;

    private UnitOfWork? work;

    public DbSet<Person> People => Set<Person>();

    public DbSet<RoleAssignment> RoleAssignments => Set<RoleAssignment>();

    public DbSet<Body> Bodies => Set<Body>();

    public DbSet<BodyMember> BodyMembers => Set<BodyMember>();

    public DbSet<RulesOfProcedure> RulesOfProcedure => Set<RulesOfProcedure>();

    public DbSet<Absence> Absences => Set<Absence>();

    public DbSet<Ballot> Ballots => Set<Ballot>();

    public DbSet<DissentingOpinion> DissentingOpinions => Set<DissentingOpinion>();

    public DbSet<DecisionRequest> DecisionRequests => Set<DecisionRequest>();

    public DbSet<Deadline> Deadlines => Set<Deadline>();

    public DbSet<DeadlineDate> DeadlineDates => Set<DeadlineDate>();

    public DbSet<AgreementAmendment> Amendments => Set<AgreementAmendment>();

    public DbSet<HistoryEntry> History => Set<HistoryEntry>();

    public DbSet<OutboxMessage> OutboxMessages => Set<OutboxMessage>();

    public DbSet<Source> Sources => Set<Source>();

    public DbSet<Fact> Facts => Set<Fact>();

    public DbSet<Conflict> Conflicts => Set<Conflict>();

    public DbSet<Organisation> Organisations => Set<Organisation>();

    public DbSet<PublicProgramme> Programmes => Set<PublicProgramme>();

    public DbSet<ProgrammeTask> ProgrammeTasks => Set<ProgrammeTask>();

    public DbSet<StandardWork> StandardWorks => Set<StandardWork>();

    public DbSet<Pilot> Pilots => Set<Pilot>();

    public DbSet<Phase> Phases => Set<Phase>();

    public DbSet<Indicator> Indicators => Set<Indicator>();

    public DbSet<IndicatorValue> IndicatorValues => Set<IndicatorValue>();

    public DbSet<Deliverable> Deliverables => Set<Deliverable>();

    public DbSet<Revision> Revisions => Set<Revision>();

    public DbSet<StoredFile> StoredFiles => Set<StoredFile>();

    public DbSet<Comment> Comments => Set<Comment>();

    public DbSet<CommentVoice> CommentVoices => Set<CommentVoice>();

    public DbSet<CommentDisposition> CommentDispositions => Set<CommentDisposition>();

    public DbSet<CommentResponse> CommentResponses => Set<CommentResponse>();

    public DbSet<CommentImport> CommentImports => Set<CommentImport>();

    public DbSet<EditorialChange> EditorialChanges => Set<EditorialChange>();

    public DbSet<ResolutionRecord> ResolutionRecords => Set<ResolutionRecord>();

    public DbSet<ResolutionSignature> ResolutionSignatures => Set<ResolutionSignature>();

    public DbSet<Meeting> Meetings => Set<Meeting>();

    public DbSet<AgendaItem> AgendaItems => Set<AgendaItem>();

    public DbSet<Attendance> Attendances => Set<Attendance>();

    /// <summary>A context over a unit of work's connection and transaction; what the unit has queued is sent before its commands.</summary>
    internal static ProcesDbContext In(UnitOfWork work, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        var context = new ProcesDbContext(InUnitOfWork) { work = work };
        context.Database.SetDbConnection(connection);
        context.Database.UseTransaction(transaction);

        // EF's own savepoints would end those of the unit of work's parts.
        context.Database.AutoSavepointsEnabled = false;
        return context;
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var people = new PersonTable();
        modelBuilder.ApplyConfiguration<Person>(people);
        modelBuilder.ApplyConfiguration<RoleAssignment>(people);
        modelBuilder.ApplyConfiguration<PersonLogin>(people);
        modelBuilder.ApplyConfiguration<SignInSession>(people);
        var bodies = new BodyTable();
        modelBuilder.ApplyConfiguration<Body>(bodies);
        modelBuilder.ApplyConfiguration<BodyMember>(bodies);
        modelBuilder.ApplyConfiguration<RulesOfProcedure>(bodies);
        modelBuilder.ApplyConfiguration<Absence>(bodies);
        var ballots = new BallotTable();
        modelBuilder.ApplyConfiguration<Ballot>(ballots);
        modelBuilder.ApplyConfiguration<Elector>(ballots);
        modelBuilder.ApplyConfiguration<BallotPosition>(ballots);
        modelBuilder.ApplyConfiguration<BallotUrn>(ballots);
        modelBuilder.ApplyConfiguration<DissentingOpinion>(ballots);
        modelBuilder.ApplyConfiguration<EditorialChange>(ballots);
        var deadlines = new DeadlineTable();
        modelBuilder.ApplyConfiguration<Deadline>(deadlines);
        modelBuilder.ApplyConfiguration<DeadlineDate>(deadlines);
        modelBuilder.ApplyConfiguration<AgreementAmendment>(deadlines);
        modelBuilder.ApplyConfiguration<AmendmentChange>(deadlines);
        modelBuilder.ApplyConfiguration<ReminderSetting>(deadlines);
        modelBuilder.ApplyConfiguration<WatchFinding>(deadlines);
        modelBuilder.ApplyConfiguration(new CalendarTable());
        modelBuilder.ApplyConfiguration(new DecisionRequestTable());
        modelBuilder.ApplyConfiguration(new HistoryTable());
        modelBuilder.ApplyConfiguration(new OutboxMessageTable());
        ProgrammeTables.Map(modelBuilder);
        DocumentTables.Map(modelBuilder);
        CommentTables.Map(modelBuilder);
        ResolutionTables.Map(modelBuilder);
        MeetingTable.Map(modelBuilder);

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

    private sealed class QueueGoesFirst : DbCommandInterceptor
    {
        public override InterceptionResult<DbDataReader> ReaderExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
        {
            Unit(eventData)?.Send();
            return result;
        }

        public override InterceptionResult<int> NonQueryExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
        {
            Unit(eventData)?.Send();
            return result;
        }

        public override InterceptionResult<object> ScalarExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
        {
            Unit(eventData)?.Send();
            return result;
        }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            await SendAsync(eventData, cancellationToken);
            return result;
        }

        public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            await SendAsync(eventData, cancellationToken);
            return result;
        }

        public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
        {
            await SendAsync(eventData, cancellationToken);
            return result;
        }

        private static Task SendAsync(CommandEventData eventData, CancellationToken cancellation) =>
            Unit(eventData)?.SendAsync(cancellation) ?? Task.CompletedTask;

        private static UnitOfWork? Unit(CommandEventData eventData) => (eventData.Context as ProcesDbContext)?.work;
    }
}
