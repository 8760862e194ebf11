using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Meetings;

/// <summary>
/// „Pakiet na posiedzenie”: one page for one member, to be read without a network: the agenda, what the board votes on with what
/// changed since the member's last vote, the member's own comments with their answers, and the draft resolutions.
/// </summary>
public sealed class MeetingPack(UnitOfWork work, Rights rights, ShowMeetings meetings, CompareRevisions compare)
{
    // A page is for reading: longer comparisons are told by their places, and the whole is on the comparison's own page.
    private const int MostChanges = 40;

    public sealed record Query(Guid MeetingId, Guid PersonId);

    /// <param name="FileName">Of the page, for keeping.</param>
    public sealed record Pack(string Title, string FileName, IReadOnlyList<DocxBlock> Blocks);

    private sealed record Matter(Ballot Ballot, Revision Revision, string Sha256, Guid? ReadBefore, IReadOnlyList<TableComment> Own);

    /// <summary>For whoever reads working papers; others find nothing.</summary>
    public async Task<Result<Pack>> HandleAsync(Query query, CancellationToken cancellation)
    {
        var shown = await meetings.HandleAsync(new ShowMeetings.Query(query.MeetingId, query.PersonId), cancellation);
        if (!shown.Succeeded)
        {
            return shown.Refusal!;
        }

        var found = await work.RunAsync<(string Name, List<Matter> Matters)>(
            async db =>
            {
                if (!(await rights.OfAsync(query.PersonId, cancellation)).ReadsWorkingPapers)
                {
                    return new NotFoundOrNotYours();
                }

                var meeting = await db.Meetings.AsNoTracking().SingleAsync(m => m.Id == query.MeetingId, cancellation);
                var ballots = await db.Ballots.AsNoTracking().Where(b => b.BodyKey == meeting.BodyKey && b.State != BallotState.Closed)
                    .OrderBy(b => b.NoticedAt).ThenBy(b => b.Number).ToListAsync(cancellation);
                var matters = new List<Matter>();
                foreach (var ballot in ballots)
                {
                    matters.Add(await MatterAsync(db, ballot, query.PersonId, cancellation));
                }

                var name = await db.People.AsNoTracking().Where(p => p.Id == query.PersonId).Select(p => p.DisplayName).SingleAsync(cancellation);
                return (name, matters);
            },
            cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        var view = shown.Value;
        var blocks = new List<DocxBlock>
        {
            Text("For", found.Value.Name),
            new DocxBlock.Paragraph(MeetingTexts.Polish("Paper_When", Instant(view.StartsAt), view.Place)),
            Heading("Agenda"),
        };
        blocks.AddRange(view.Items.Select(item => new DocxBlock.Paragraph($"{item.Ordinal}. {item.Title}", IsItem: true)));
        blocks.Add(Heading("Matters"));
        foreach (var matter in found.Value.Matters)
        {
            await AddAsync(blocks, matter, query.PersonId, cancellation);
        }

        if (found.Value.Matters.Count == 0)
        {
            blocks.Add(Text("NoMatters"));
        }

        return new Pack(
            MeetingTexts.Polish("Pack_Title", view.Number ?? "–", view.BodyGenitive), $"pakiet-{(view.Number ?? "posiedzenie").Replace('/', '-')}.html", blocks);
    }

    private static async Task<Matter> MatterAsync(ProcesDbContext db, Ballot ballot, Guid personId, CancellationToken cancellation)
    {
        var revision = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
        var file = await db.StoredFiles.AsNoTracking().SingleAsync(f => f.Id == revision.FileId, cancellation);

        // What the member voted on last; without a vote the revision that this one was made from.
        var voted = await (
            from position in db.Set<BallotPosition>().AsNoTracking()
            join earlier in db.Ballots.AsNoTracking() on position.BallotId equals earlier.Id
            where position.ElectorId == personId && earlier.DeliverableKey == ballot.DeliverableKey && earlier.RevisionId != ballot.RevisionId
            orderby earlier.NoticedAt descending
            select (Guid?)earlier.RevisionId).FirstOrDefaultAsync(cancellation);
        var own = (await CommentTable.LoadAsync(db, ballot.DeliverableKey, null, cancellation)).Where(row => row.IsOf(personId)).ToList();
        return new Matter(ballot, revision, Convert.ToHexStringLower(file.Sha256), voted ?? revision.BaseRevisionId, own);
    }

    private async Task AddAsync(List<DocxBlock> blocks, Matter matter, Guid personId, CancellationToken cancellation)
    {
        var label = matter.Revision.Number.ToString();
        blocks.Add(new DocxBlock.Heading(2, $"{matter.Ballot.Number} {matter.Ballot.Title}"));
        blocks.Add(Text("Draft", matter.Ballot.Title, label, matter.Sha256));
        blocks.Add(new DocxBlock.Paragraph(matter.Revision.Summary));
        if (matter.ReadBefore is { } before)
        {
            var compared = await compare.HandleAsync(new CompareRevisions.Query(before, matter.Revision.Id, personId), cancellation);
            if (compared is { Succeeded: true, Value: { NotCompared: null } differences })
            {
                blocks.Add(differences.Changes.Count == 0 ? Text("NoChanges", differences.From) : Text("Changes", differences.From, differences.Changes.Count));
                foreach (var change in differences.Changes.Take(MostChanges))
                {
                    blocks.Add(new DocxBlock.Paragraph(Place(change), IsItem: true));
                    blocks.Add(new DocxBlock.Tracked(change.Pieces, label, matter.Revision.SubmittedAt));
                }
            }
            else
            {
                blocks.Add(Text("NotCompared"));
            }
        }

        if (matter.Own.Count == 0)
        {
            blocks.Add(Text("NoComments"));
            return;
        }

        blocks.Add(new DocxBlock.Table(
            Say("Comments", matter.Ballot.Title), [Say("Column_Place"), Say("Column_Comment"), Say("Column_Answer")],
            [.. matter.Own.Select(row => (IReadOnlyList<string>)
            [
                $"{row.Revision}, {row.Comment.ClauseReference}".TrimEnd(',', ' '), row.Comment.Text,
                row.Disposition is { } answer ? $"{Say("Disposition_" + answer.Kind)} {answer.Reason}".Trim() : Say("NoAnswer"),
            ])],
            [20, 45, 35]));
    }

    private static string Place(ClauseChange change) =>
        change.ReferenceBefore is { Length: > 0 } was && change.ReferenceAfter is { Length: > 0 } now && was != now ? Say("Moved", now, was)
        : change.ReferenceAfter is { Length: > 0 } here ? here
        : change.ReferenceBefore is { Length: > 0 } gone ? gone
        : Say("Beginning");

    private static string Say(string key, params object[] facts) => MeetingTexts.Polish("Pack_" + key, facts);

    private static DocxBlock.Paragraph Text(string key, params object[] facts) => new(Say(key, facts));

    private static DocxBlock.Heading Heading(string key) => new(1, Say(key));

    private static string Instant(DateTimeOffset at) => Time.Warsaw.Local(at).ToString("d.MM.yyyy, H:mm", MeetingTexts.PolishCulture);
}
