using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Tests.Ballots;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

public sealed class ShowRegisterTests
{
    [Fact]
    public async Task The_register_shows_what_was_adopted_and_published_and_nothing_else()
    {
        await using var ballot = await BallotCase.OpenAsync();
        var product = ballot.Product;
        (await ReadAsync(product)).ShouldBeEmpty();
        (await OpenAsync(product)).ShouldBeNull();

        foreach (var person in new[] { "halina-zawadzka", "anna-nowak", "zofia-mak", "adam-lis" })
        {
            (await ballot.VoteAsync(person, PositionKind.InFavour)).Succeeded.ShouldBeTrue();
        }

        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7));
        await ballot.CloseDueAsync();
        (await ReadAsync(product)).ShouldBeEmpty();

        await product.Database.ScalarAsync<int>(
            "update deliverable set published_at = '2012-11-07 10:00+01' where key = 'osl-wnioski-1' returning 1");
        var line = (await ReadAsync(product)).ShouldHaveSingleItem();

        line.Revision.ShouldBe("1.0");
        line.Resolution.ShouldBe("1/2012");
        line.Sha256.ShouldBe(ballot.ContentHash);
        var file = await OpenAsync(product);
        await using var content = file.ShouldNotBeNull().Content;
        file.Sha256.ShouldBe(ballot.ContentHash);
    }

    private static Task<IReadOnlyList<ShowRegister.Line>> ReadAsync(TestProduct product) =>
        product.RunAsync<ShowRegister, IReadOnlyList<ShowRegister.Line>>(register => register.HandleAsync(CancellationToken.None));

    private static Task<DownloadFile.Download?> OpenAsync(TestProduct product) =>
        product.RunAsync<ShowRegister, DownloadFile.Download?>(register => register.OpenAsync("osl-wnioski-1", CancellationToken.None));
}
