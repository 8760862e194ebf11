using System.Globalization;
using ProcesStandardu.Approval.Audit;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>Comments were decided, to whoever made them: one mail for all that were decided since the last.</summary>
/// <param name="Count">How many of the recipient's comments it is about.</param>
/// <param name="Newest">The newest of the dispositions; tells the mails about one document apart.</param>
public sealed record CommentsDecided(string DeliverableKey, string Title, int Count, string Newest) : OutboundMail
{
    public override string Kind => MailKinds.CommentsDecided;

    public override string Cause => Subjects.Deliverable(DeliverableKey);

    public override string Occurrence => Newest;

    public override string Path => SitePaths.Comments(DeliverableKey);

    public override MailContent ToMail(MailTexts texts) => new(
        texts["CommentsDecidedSubject", Title],
        texts["CommentsDecidedHeading"],
        [texts["CommentsDecidedWhat"], texts["CommentsDecidedAnswer"]],
        [Fact(texts["FactDocument"], Title), Fact(texts["FactYourComments"], Count.ToString(CultureInfo.InvariantCulture))],
        texts["ButtonComments"],
        texts["ReasonCommenter"]);
}
