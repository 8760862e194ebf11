namespace ProcesStandardu.Approval.Notifications.Bounces;

/// <summary>Names the resources with the refusals about mails that did not arrive.</summary>
public sealed class BounceTexts;
