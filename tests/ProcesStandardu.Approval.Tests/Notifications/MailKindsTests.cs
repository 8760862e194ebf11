using System.Collections;
using System.Globalization;
using System.Resources;
using ProcesStandardu.Approval.Notifications;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class MailKindsTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Nasty = "Standard\r\nBcc: all@example.org\r\n\r\n.\r\n\u202eOSL\0 <script>alert(1)</script> ";

    private static readonly DateTimeOffset Now = new(2012, 11, 5, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = Guid.Parse("0198c5a0-0000-7000-8000-000000000001");
    private static readonly SiteOptions Site = new() { BaseAddress = "https://proces.example/" };

    public static IEnumerable<OutboundMail> EveryKind(string title) => MailSamples.All(title);

    public static TheoryData<string, string> Titles =>
        new MatrixTheoryData<string, string>(["pl", "en"], ["OSL", Nasty, new string('ż', 10_000), "🗳️👩‍⚖️"]);

    [Theory]
    [MemberData(nameof(Titles))]
    [Trait("Fault", "S54")]
    public void Every_kind_becomes_one_whole_mail_whatever_the_title(string language, string title)
    {
        var texts = MailTexts.For(language);
        var person = new MailRecipient(Id, title[..Math.Min(title.Length, 200)], "anna@forum.example", language);
        var kinds = EveryKind(title).ToList();
        kinds.Select(mail => mail.Kind).Distinct().ShouldBe(MailKinds.All, ignoreOrder: true);
        foreach (var mail in kinds)
        {
            var content = mail.ToMail(texts);
            var subject = MailText.Subject(content.Subject);
            subject.Length.ShouldBeInRange(1, 60);
            subject.ShouldAllBe(c => !char.IsControl(c) && c != '\u202e');

            var link = Site.To(mail.Path);
            var text = MailLayout.ToText(content, link, Site.To);
            var html = MailLayout.ToHtml(content, link, language, Site.To);
            html.ShouldNotContain("<script");
            html.ShouldContain($"href=\"{link.AbsoluteUri}\"");
            text.ShouldContain(link.AbsoluteUri);
            text.ShouldContain(content.Reason);

            var bytes = MimeWriter.Write(new MailMessage
            {
                Id = Id,
                Domain = "rada.example",
                Date = Now,
                From = new Mailbox(null, EmailAddress.Parse("rada@rada.example")),
                To = new Mailbox(MailText.OneLine(person.DisplayName), EmailAddress.Parse(person.Address)),
                Subject = subject,
                Language = language,
                Text = text,
                Html = html,
            });
            var read = MimeReader.Read(bytes);
            read.Headers.Select(header => header.Key).ShouldBe(
            [
                "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language",
                "MIME-Version", "Content-Type",
            ]);
            read.Text.ShouldBe(MimeEncoding.NormalizeLines(text));
        }
    }

    [Fact]
    public void An_ordinary_mail_stays_below_what_mail_programs_clip()
    {
        var person = new MailRecipient(Id, "Anna Nowak", "anna@forum.example", "pl");
        foreach (var mail in EveryKind("Propozycje rozwiązań prawnych OSL"))
        {
            var html = MailLayout.ToHtml(mail.ToMail(MailTexts.For("pl")), Site.To(mail.Path), "pl", Site.To);
            MimeEncoding.QuotedPrintable(html).Length.ShouldBeLessThan(75 * 1024);
            html.ShouldNotContain("<img");
            html.ShouldNotContain("src=");
        }
    }

    [Fact]
    public void A_receipt_shows_the_position_only_when_it_was_given_one()
    {
        var person = new MailRecipient(Id, "Anna Nowak", "anna@forum.example", "pl");
        var ballot = Some.Ballot(Id);

        var open = new VoteRecorded(ballot, Id, Now, Hash, "against").ToMail(MailTexts.For("pl"));
        var hidden = new VoteRecorded(ballot, Id, Now, Hash, null).ToMail(MailTexts.For("pl"));

        open.Facts.ShouldContain(new KeyValuePair<string, string>("Twoje stanowisko", "przeciw"));
        hidden.Facts.ShouldNotContain(fact => fact.Key == "Twoje stanowisko");
        hidden.Facts.ShouldContain(new KeyValuePair<string, string>("Skrót pliku (SHA-256, początek)", Hash[..16]));
    }

    [Fact]
    public void The_end_at_midnight_is_told_as_the_last_minute_of_the_day_before()
    {
        var person = new MailRecipient(Id, "Anna Nowak", "anna@forum.example", "pl");
        var midnight = ProcesStandardu.Approval.Time.Warsaw.FirstInstantAfter(new DateOnly(2012, 11, 12));

        var closed = new BallotClosed(Some.Ballot(Id), "adopted", "7/2012", midnight).ToMail(MailTexts.For("pl"));

        closed.Facts.ShouldContain(fact => fact.Value == "poniedziałek, 12 listopada 2012, 23:59 (czasu polskiego)");
        closed.Subject.ShouldBe("Wynik G-2012/08: przyjęto – Propozycje rozwiązań prawnych OSL");
    }

    [Fact]
    public void Every_stored_name_has_its_words_in_both_languages()
    {
        foreach (var language in new[] { "pl", "en" })
        {
            var texts = MailTexts.For(language);
            texts.Language.ShouldBe(language);
            MailKinds.All.ShouldAllBe(kind => texts["Kind_" + kind].Length > 0);
            MailState.All.ShouldAllBe(state => texts["State_" + state].Length > 0);
            MailReasons.All.ShouldAllBe(reason => texts["Reason_" + reason].Length > 0);
        }

        var resources = new ResourceManager(typeof(MailTexts));
        Keys("").ShouldBe(Keys("en"));
        Should.Throw<KeyNotFoundException>(() => MailTexts.For("pl")["NoSuchKey"]);

        List<string> Keys(string culture) =>
            [.. resources.GetResourceSet(CultureInfo.GetCultureInfo(culture), true, false)!
                .Cast<DictionaryEntry>().Select(entry => (string)entry.Key).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("https://evil.example/x")]
    [InlineData("//evil.example/x")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    [InlineData("/\\evil.example")]
    [InlineData("/a\r\nb")]
    public void A_link_leads_to_the_configured_site_only(string path) =>
        Should.Throw<ArgumentException>(() => Site.To(path));
}
