using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Programme;

/// <summary>The organisations of the programme and what each of them is in it. No contact data.</summary>
public sealed class ListOrganisations(UnitOfWork work)
{
    public sealed record Line(string Name, string ShortName, IReadOnlyList<OrganisationRole> Roles, string SourceKey);

    /// <summary>In the order of the programme's files.</summary>
    public Task<IReadOnlyList<Line>> HandleAsync(CancellationToken cancellation) => work.RunAsync<IReadOnlyList<Line>>(
        async db =>
        [
            .. (await db.Organisations.AsNoTracking().OrderBy(organisation => organisation.Ordinal).ToListAsync(cancellation))
                .Select(organisation => new Line(
                    organisation.Name, organisation.ShortName, [.. organisation.Roles.Select(role => role.Role).Order()],
                    organisation.SourceKey)),
        ],
        cancellation);
}
