namespace ProcesStandardu.Web.Outbox;

/// <summary>Names the resources of the pages of outgoing mail.</summary>
public sealed class OutboxPageTexts;
