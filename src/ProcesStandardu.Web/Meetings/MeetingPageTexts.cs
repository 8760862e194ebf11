namespace ProcesStandardu.Web.Meetings;

/// <summary>Names the resources of the pages of sittings.</summary>
public sealed class MeetingPageTexts;
