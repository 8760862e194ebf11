using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Tests.Ballots;

/// <summary>Invented rules of procedure for tests.</summary>
internal static class TestRules
{
    public static RuleTerms Written { get; } = new()
    {
        QuorumNumerator = 1,
        QuorumDenominator = 2,
        QuorumMinimum = 3,
        Majority = MajorityRule.Simple,
        CastingVote = [BodyPosition.Chair, BodyPosition.ViceChair],
        MinimumElectorate = 3,
        WrittenProcedureWorkingDays = 5,
        ResultHiddenUntilClosed = true,
        PositionsMayChange = true,
        ClosesWhenAllVoted = false,
        TacitApprovalForEditorial = true,
        Extensions = 1,
        ExtensionWorkingDays = 5,
        DissentWorkingDays = 3,
        UndoWindowMinutes = 10,
    };
}
