using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Approval.Workflows.Activities;

/// <summary>
/// Elsa's mail activity: writes a mail to people of the product, named by their addresses. Each gets one of his own from the outbox, so
/// that nobody sees who else got it; an address that belongs to nobody here is an incident, and then nobody gets anything.
/// </summary>
public sealed class SendEmail : Activity
{
    public const string TypeName = "Elsa.SendEmail";

    private const int MostRecipients = 200;

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName,
        ActivityTexts.People,
        [],
        [
            ActivityTexts.Input("From"),
            ActivityTexts.Input("To", "String[]", "multitext"),
            ActivityTexts.Input("Cc", "String[]", "multitext"),
            ActivityTexts.Input("Bcc", "String[]", "multitext"),
            ActivityTexts.Input("ReplyTo"),
            ActivityTexts.Input("Subject"),
            ActivityTexts.Input("Body", "String", "multiline"),
        ]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var subject = context.GetInput<string>("Subject");
        var addresses = new[] { "To", "Cc", "Bcc" }.SelectMany(name => Addresses(context.GetInput(name)))
            .Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (string.IsNullOrWhiteSpace(subject) || addresses.Count is 0 or > MostRecipients)
        {
            context.Fail("mail_is_incomplete", $"A mail needs a subject and from 1 to {MostRecipients} recipients.");
            return;
        }

        EmailAddress? replyTo = null;
        if (context.GetInput<string>("ReplyTo") is { Length: > 0 } answer && !EmailAddress.TryParse(answer, out replyTo))
        {
            context.Fail("address_is_unusable", "The address for answers is none.");
            return;
        }

        if (context.GetInput<string>("From") is { Length: > 0 } from && !context.Services.GetRequiredService<Outbox>().IsSender(from))
        {
            // A workflow does not speak for others.
            context.Fail("sender_is_not_ours", "Mails leave from the product's own address only.");
            return;
        }

        var people = await FindAsync(context.Services.GetRequiredService<UnitOfWork>(), addresses, cancellation);
        if (people.Count < addresses.Count)
        {
            context.Fail("recipient_is_unknown", $"{addresses.Count - people.Count} of {addresses.Count} addresses belong to nobody here.");
            return;
        }

        await context.Services.GetRequiredService<Outbox>().AddAsync(
            new WorkflowNotice(
                Subjects.Workflow(context.InstanceId.ToString("D")), subject, context.GetInput<string>("Body") ?? "",
                SitePaths.MyMatters, context.ActivityInstanceId)
            {
                AnswersGoTo = replyTo,
            },
            [.. people.Values],
            cancellation);
    }

    private static async Task<Dictionary<string, Guid>> FindAsync(UnitOfWork work, List<string> addresses, CancellationToken cancellation)
    {
        var lower = addresses.ConvertAll(address => address.ToLowerInvariant());
#pragma warning disable CA1304, CA1311 // The database lowers the letters.
        var people = await work.Db.People.AsNoTracking().Where(person => person.IsActive && lower.Contains(person.Email.ToLower()))
#pragma warning restore CA1304, CA1311
            .OrderBy(person => person.Id).Select(person => new { person.Id, person.Email }).ToListAsync(cancellation);
        var found = new Dictionary<string, Guid>(StringComparer.OrdinalIgnoreCase);
        foreach (var person in people)
        {
            found.TryAdd(person.Email, person.Id);
        }

        return found;
    }

    // A list, the text of one, or addresses with commas or semicolons between them.
    private static IEnumerable<string> Addresses(JsonNode? value) =>
        (ValueConversion.Texts(value) is { Count: > 0 } names ? names : value is JsonValue text && text.TryGetValue<string>(out var line) ? [line] : [])
            .SelectMany(name => name.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
