using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Persistence;

public sealed class OnceTests
{
    [Fact]
    public async Task A_refused_form_may_be_corrected_and_sent_again_with_its_key()
    {
        await using var product = await TestProduct.CreateAsync();
        var anna = await product.PersonAsync("anna-nowak");

        var refused = await SendAsync("");
        var corrected = await SendAsync("Za");
        var again = await SendAsync("Za");
        var other = await SendAsync("Przeciw");

        refused.Refusal.ShouldBeOfType<FieldIsEmpty>();
        corrected.Value.ShouldBe("Za");
        again.Value.ShouldBe("Za");
        other.Refusal.ShouldBeOfType<FormWasAlreadyUsed>();

        Task<Result<string>> SendAsync(string text) => product.RunAsync<UnitOfWork, Result<string>>(work => work.OnceAsync<string>(
            anna, "key-1", new { text },
            _ => Task.FromResult<Result<string>>(text.Length == 0 ? new FieldIsEmpty("Text") : text),
            CancellationToken.None));
    }

    [Fact]
    public async Task A_refusal_undoes_what_its_act_wrote_however_the_body_is_written()
    {
        await using var product = await TestProduct.CreateAsync();

        var typed = await product.RunAsync<UnitOfWork, Result<string>>(work => work.RunAsync<string>(Refuse, CancellationToken.None));
        var inferred = await product.RunAsync<UnitOfWork, Result<string>>(work => work.RunAsync(Refuse, CancellationToken.None));

        typed.Succeeded.ShouldBeFalse();
        inferred.Succeeded.ShouldBeFalse();
        (await product.Database.ScalarAsync<long>("select count(*) from seeding_mark where key = 'half-done'")).ShouldBe(0);

        static async Task<Result<string>> Refuse(ProcesDbContext db)
        {
            await db.Database.ExecuteSqlAsync($"insert into seeding_mark (key, done_at) values ('half-done', now())");
            return new ActIsNotYours();
        }
    }
}
