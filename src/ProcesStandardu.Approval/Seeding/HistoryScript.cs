using System.Text.Json.Serialization;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>The file <c>demo/history.json</c>: acts of invented people, in the order of time, up to the demo's first morning.</summary>
/// <param name="EndsAt">The local time at which the demo begins.</param>
public sealed record HistoryScript(bool Demo, string About, DateTime EndsAt, IReadOnlyList<HistoryAct> Acts)
{
    private const string File = "demo/history";

    /// <exception cref="DataFileException">The file cannot be read, does not say that it is demo, or its acts are out of order.</exception>
    public static async Task<HistoryScript> ReadAsync(DataFolder folder, CancellationToken cancellation)
    {
        var script = await folder.ReadAsync<HistoryScript>(File, cancellation);
        DemoFiles.RequireMark(File, script.Demo);
        for (var place = 1; place < script.Acts.Count; place++)
        {
            if (script.Acts[place].At < script.Acts[place - 1].At)
            {
                throw new DataFileException(File + ".json", script.Acts[place].Id, "The act comes before the one above it.");
            }
        }

        if (script.Acts.GroupBy(act => act.Id).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new DataFileException(File + ".json", twice.Key, "The id stands twice.");
        }

        if (script.Acts.Count == 0 || script.Acts[^1].At > script.EndsAt)
        {
            throw new DataFileException(File + ".json", "$.endsAt", "The history must have acts and end after the last of them.");
        }

        return script;
    }

    /// <summary>A local time of the file as an instant.</summary>
    public static DateTimeOffset Instant(DateTime local) => Warsaw.At(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local));
}

/// <summary>One act of the history.</summary>
/// <param name="Id">Stable: an act that was played under this id is never played again.</param>
/// <param name="At">Local time in Warsaw.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(StartWorkflowAct), "start_workflow")]
[JsonDerivedType(typeof(SubmitRevisionAct), "submit_revision")]
[JsonDerivedType(typeof(CastVotesAct), "cast_votes")]
[JsonDerivedType(typeof(ReportIndicatorAct), "report_indicator")]
[JsonDerivedType(typeof(DecideAct), "decide")]
public abstract record HistoryAct(string Id, DateTime At);

/// <summary>A workflow begins.</summary>
public sealed record StartWorkflowAct(string Id, DateTime At, string Workflow) : HistoryAct(Id, At);

/// <summary>A lead hands in a revision; its DOCX is written from a text file of the folder <c>demo/texts</c>.</summary>
public sealed record SubmitRevisionAct(
    string Id,
    DateTime At,
    string Person,
    string Deliverable,
    string Title,
    string Text,
    string FileName,
    RevisionStep Step,
    ChangeKind ChangeKind,
    string Summary,
    string ChangeList) : HistoryAct(Id, At);

/// <summary>Members vote in the ballot that is open on a deliverable, one after the other.</summary>
public sealed record CastVotesAct(
    string Id,
    DateTime At,
    string Deliverable,
    IReadOnlyList<string> InFavour,
    IReadOnlyList<string> Against,
    IReadOnlyList<string> Abstain) : HistoryAct(Id, At);

/// <summary>A lead reports a value of an indicator.</summary>
public sealed record ReportIndicatorAct(
    string Id, DateTime At, string Person, string Indicator, decimal Value, DateOnly AsOf, string Evidence) : HistoryAct(Id, At);

/// <summary>Somebody answers the question that is open about a deliverable.</summary>
public sealed record DecideAct(string Id, DateTime At, string Person, string Deliverable, string Choice) : HistoryAct(Id, At);
