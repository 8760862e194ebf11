namespace ProcesStandardu.Web.Ballots;

/// <summary>Names the resources of the pages of ballots.</summary>
public sealed class BallotPageTexts;
