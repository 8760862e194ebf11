using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Approval.Decisions;

/// <summary>A question that a workflow puts to the holder of a role; the workflow goes on with the answer.</summary>
public sealed class DecisionRequest
{
    public required Guid Id { get; init; }

    /// <summary>The workflow that waits for the answer.</summary>
    public required Guid InstanceId { get; init; }

    /// <summary>One of <see cref="DecisionRole"/>.</summary>
    public required string Role { get; init; }

    public required string Title { get; init; }

    /// <summary>The answers to choose from, as people read them.</summary>
    public required List<string> Choices { get; init; }

    /// <summary>The document that the question is about; null when it is about none.</summary>
    public string? DeliverableKey { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    /// <summary><c>open</c>, <c>decided</c> or <c>withdrawn</c>.</summary>
    public string State { get; private set; } = Open;

    public string? Choice { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public Guid? DecidedById { get; private set; }

    public const string Open = "open";
    public const string Decided = "decided";

    /// <summary>Records the answer. The caller has checked that the question is open and the answer is one of its choices.</summary>
    public void Decide(string choice, Guid personId, DateTimeOffset now)
    {
        State = Decided;
        Choice = choice;
        DecidedById = personId;
        DecidedAt = now;
    }
}

/// <summary>The stored names of roles that may be asked; they are audiences too.</summary>
public static class DecisionRole
{
    public static IReadOnlyList<string> All { get; } =
        [Audience.Chair, Audience.Secretary, Audience.TaskLead, Audience.Administrators];
}

internal sealed class DecisionRequestTable : IEntityTypeConfiguration<DecisionRequest>
{
    public void Configure(EntityTypeBuilder<DecisionRequest> builder) =>
        builder.ToTable("decision_request").HasKey(request => request.Id);
}
