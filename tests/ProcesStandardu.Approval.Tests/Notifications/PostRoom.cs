using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Testing;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

/// <summary>An outbox on a database of its own, with people to write to, a clock to move and a choice of ways out.</summary>
internal sealed class PostRoom : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly NpgsqlDataSource dataSource;

    private PostRoom(TestDatabase database)
    {
        this.database = database;
        dataSource = NpgsqlDataSource.Create(database.ConnectionString);
    }

    public TestClock Clock { get; } = new();

    public MailOptions Options { get; } = new()
    {
        From = "rada@rada.example",
        ReplyTo = "sekretarz@rada.example",
        Host = "localhost",
        StartTls = StartTlsUse.None,
        ReplyTimeout = TimeSpan.FromSeconds(20),
        DotReplyTimeout = TimeSpan.FromSeconds(20),
    };

    public SiteOptions Site { get; } = new() { BaseAddress = "https://proces.example/" };

    public TestMailbox Mailbox { get; init; } = new();

    public static async Task<PostRoom> OpenAsync() => new(await TestDatabase.CreateAsync(TestContext.Current.CancellationToken));

    public async Task<Guid> AddPersonAsync(string key, string? email = null, string language = "pl", string? name = null)
    {
        var id = Guid.CreateVersion7(Clock.GetUtcNow());
        await ExecuteAsync(
            "insert into person (id, key, display_name, email, language) values ($1, $2, $3, $4, $5)",
            id, key, name ?? key, email ?? key + "@forum.example", language);
        return id;
    }

    public async Task<IReadOnlyList<Guid>> AddPeopleAsync(int count)
    {
        var people = new List<Guid>();
        for (var number = 1; number <= count; number++)
        {
            people.Add(await AddPersonAsync(string.Create(null, $"osoba-{number:00}")));
        }

        return people;
    }

    /// <summary>Queues a mail in a transaction of its own, as a use case would.</summary>
    public async Task<int> QueueAsync(OutboundMail mail, params IReadOnlyCollection<Guid> people)
    {
        await using var work = Work();
        return await work.RunAsync(
            _ => OutboxIn(work).AddAsync(mail, people, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
    }

    public UnitOfWork Work() => new(dataSource, Clock);

    public Outbox OutboxIn(UnitOfWork work) => new(work, Clock, Made(Options), Made(Site), new KnownRecipients());

    public RetryMail RetryIn(UnitOfWork work) =>
        new(work, new Rights(work, Clock), OutboxIn(work), new AuditTrail(work, Clock), Clock);

    public OutboxDispatcher Dispatcher(IMailTransport? transport = null) => new(
        dataSource, Clock, transport ?? Mailbox, Made(Options), Made(Site), new Random(1), NullLogger<OutboxDispatcher>.Instance);

    public SmtpMailTransport Smtp(SmtpSink sink)
    {
        Options.Port = sink.Port;
        return new SmtpMailTransport(Made(Options));
    }

    /// <summary>One pass of a dispatcher of its own.</summary>
    public async Task<DispatchCounts> RunAsync(IMailTransport? transport = null)
    {
        using var dispatcher = Dispatcher(transport);
        return await dispatcher.RunOnceAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>All mails in the order they were queued.</summary>
    public async Task<IReadOnlyList<OutboxMessage>> MailsAsync()
    {
        await using var work = Work();
        return await work.RunAsync(
            async db => (IReadOnlyList<OutboxMessage>)await db.OutboxMessages.AsNoTracking().OrderBy(mail => mail.QueueNo).ToListAsync(),
            TestContext.Current.CancellationToken);
    }

    public async Task<OutboxMessage> OnlyMailAsync() => (await MailsAsync()).Single();

    /// <summary>Kinds of the history entries about mails, in order.</summary>
    public async Task<IReadOnlyList<string>> HistoryAsync()
    {
        await using var work = Work();
        return await work.RunAsync(
            async db => (IReadOnlyList<string>)await db.History.Where(entry => entry.Subject.StartsWith("mail:"))
                .OrderBy(entry => entry.At).Select(entry => entry.Kind).ToListAsync(),
            TestContext.Current.CancellationToken);
    }

    /// <summary>Lets the leases of lost senders run out, as real time would.</summary>
    public Task ExpireLeasesAsync() =>
        ExecuteAsync("update outbox_message set lease_until = clock_timestamp() - interval '1 second' where state = 'sending'");

    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = dataSource.CreateCommand(sql);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await dataSource.DisposeAsync();
        await database.DisposeAsync();
    }

    private static IOptions<T> Made<T>(T options)
        where T : class => Microsoft.Extensions.Options.Options.Create(options);
}

/// <summary>Mails for tests that do not care what a mail says.</summary>
internal static class Some
{
    public static WorkflowNotice Notice(string occurrence = "1", string title = "Sprawdź plan: standard OSL") =>
        new("work:osl", title, "Pierwszy akapit.\n\nDrugi akapit.", SitePaths.Work("osl"), occurrence);

    public static BallotCase Ballot(Guid id) => new(
        id, "G-2012/08", "Propozycje rozwiązań prawnych OSL", "osl-prawo", "1.0", new DateOnly(2012, 11, 12));
}
