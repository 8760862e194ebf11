using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Forms;

public sealed class RefusalWordsTests
{
    [Fact]
    public void A_refusal_is_said_in_the_words_of_its_slice_with_its_facts()
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new CultureInfo("pl-PL");
        using var services = new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider();
        var words = new RefusalWords(services.GetRequiredService<IStringLocalizerFactory>());

        words.Of(new PositionIsMissing()).ShouldBe("Wybierz: Za / Przeciw / Wstrzymuję się.");
        words.Of(new NotFoundOrNotYours()).ShouldBe("Nie ma takiej strony albo nie jest ona dla Ciebie.");
        words.Of(new BallotIsClosed(null, TestClock.InWarsaw(2012, 10, 25, 9, 5))).ShouldContain("Twój głos z 25.10.2012, 9:05");
    }

    [Fact]
    public void Every_refusal_without_facts_has_words()
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new CultureInfo("pl-PL");
        using var services = new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider();
        var words = new RefusalWords(services.GetRequiredService<IStringLocalizerFactory>());

        var silent = typeof(Refusal).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(Refusal)) && type.GetConstructor(Type.EmptyTypes) is not null)
            .Select(type => (Refusal)Activator.CreateInstance(type)!)
            .Where(refusal => words.Of(refusal) == refusal.Key);

        silent.ShouldBeEmpty();
    }
}
