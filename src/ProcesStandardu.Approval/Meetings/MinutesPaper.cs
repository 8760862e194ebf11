using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Meetings;

/// <summary>The minutes („protokół”) as a Polish paper.</summary>
public static class MinutesPaper
{
    public static string Title(ShowMeetings.View meeting) =>
        MeetingTexts.Polish("Paper_Title", meeting.Number ?? "–", meeting.BodyGenitive);

    public static byte[] Docx(ShowMeetings.View meeting) => DocxDocument.Write(Title(meeting), Blocks(meeting));

    public static IReadOnlyList<DocxBlock> Blocks(ShowMeetings.View meeting)
    {
        var blocks = new List<DocxBlock>
        {
            Text("When", Instant(meeting.StartsAt), meeting.Place),
            Text("Convened", meeting.ConvenedAt is { } convened ? Instant(convened) : "–"),
            Heading("Attendance"),
            new DocxBlock.Table(
                Say("Attendance"), [Say("Column_Name"), Say("Column_Position"), Say("Column_Presence")],
                [.. meeting.Members.Select(member => (IReadOnlyList<string>)
                [
                    member.Name, MeetingTexts.Polish("Position_" + member.Position),
                    member.Presence is null ? Say("NotRecorded")
                        : MeetingTexts.Polish("Presence_" + member.Presence) + (member.Presence == Presence.Represented ? $": {member.Alternate}" : ""),
                ])],
                [45, 25, 30]),
            Text("Present", meeting.Members.Count(member => member.Presence is Presence.Present or Presence.Represented), meeting.Members.Count),
            Heading("Agenda"),
        };
        foreach (var item in meeting.Items)
        {
            blocks.Add(new DocxBlock.Heading(2, $"{item.Ordinal}. {item.Title}"));
            blocks.AddRange(item.Course.Split('\n').Where(line => line.Length > 0).Select(line => new DocxBlock.Paragraph(line)));
            if (item.Ballot is { Outcome: { } outcome } vote)
            {
                blocks.Add(Text("Vote", vote.Number, vote.InFavour ?? 0, vote.Against ?? 0, vote.Abstain ?? 0, MeetingTexts.Polish("Outcome_" + outcome)));
                if (vote.ResolutionNumber is { } number)
                {
                    blocks.Add(Text("Resolution", number));
                }
            }
        }

        blocks.Add(Heading("Written"));
        blocks.Add(meeting.Written.Count == 0
            ? Text("NothingWritten")
            : new DocxBlock.Table(
                Say("Written"), [Say("Column_Resolution"), Say("Column_Matter"), Say("Column_Adopted")],
                [.. meeting.Written.Select(vote => (IReadOnlyList<string>)
                    [vote.ResolutionNumber ?? "", vote.Title, vote.ClosedAt is { } closed ? Instant(closed.AddTicks(-1)) : ""])],
                [20, 55, 25]));
        if (meeting.Minutes.Length > 0)
        {
            blocks.Add(Heading("Other"));
            blocks.AddRange(meeting.Minutes.Split('\n').Where(line => line.Length > 0).Select(line => new DocxBlock.Paragraph(line)));
        }

        blocks.Add(meeting is { MinutesApprovedAt: { } at, MinutesApprovedBy: { } by } ? Text("Approved", by, Instant(at)) : Text("NotApproved"));
        return blocks;
    }

    private static string Say(string key, params object[] facts) => MeetingTexts.Polish("Paper_" + key, facts);

    private static DocxBlock.Paragraph Text(string key, params object[] facts) => new(Say(key, facts));

    private static DocxBlock.Heading Heading(string key) => new(1, Say(key));

    private static string Instant(DateTimeOffset at) => Warsaw.Local(at).ToString("d.MM.yyyy, H:mm", MeetingTexts.PolishCulture);
}
