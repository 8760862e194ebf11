using Microsoft.AspNetCore.DataProtection;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Host;

public sealed class KeysTests
{
    [Fact]
    public async Task What_one_node_protects_another_node_reads()
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var one = new ProductPages(database);
        var sealedText = one.Services.GetDataProtector("cookie").Protect("osoba");

        await using var other = new ProductPages(database);

        other.Services.GetDataProtector("cookie").Unprotect(sealedText).ShouldBe("osoba");
        (await database.ScalarAsync<long>("select count(*) from data_protection_key")).ShouldBe(1);
    }
}
