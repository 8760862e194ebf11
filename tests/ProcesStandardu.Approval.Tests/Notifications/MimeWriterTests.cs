using System.Text;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class MimeWriterTests
{
    private static readonly MailMessage Sample = new()
    {
        Id = Guid.Parse("0198c5a0-0000-7000-8000-000000000001"),
        Domain = "rada.example",
        Date = TestClock.InWarsaw(2012, 11, 5, 9, 0),
        From = new Mailbox("ProcesStandardu – Rada", EmailAddress.Parse("rada@rada.example")),
        ReplyTo = new Mailbox(null, EmailAddress.Parse("sekretarz@rada.example")),
        To = new Mailbox("Anna Nowak", EmailAddress.Parse("anna.nowak@forum.example")),
        Subject = "Zagłosuj do 12.11 23:59: G-2012/08",
        Language = "pl",
        RootId = MailMessage.RootIdOf("deliverable:osl-prawo", "rada.example"),
        Text = "Zażółć gęślą jaźń.\n.kropka na początku\nFrom tak się nie zaczyna\n",
        Html = "<p lang=\"pl\">Zażółć</p>",
    };

    [Fact]
    public void A_mail_is_exactly_these_bytes()
    {
        const string expected =
            """
            From: =?utf-8?Q?ProcesStandardu_=E2=80=93_Rada?= <rada@rada.example>
            To: Anna Nowak <anna.nowak@forum.example>
            Reply-To: <sekretarz@rada.example>
            Subject: =?utf-8?Q?Zag=C5=82osuj_do_12=2E11_23=3A59=3A_G-2012/08?=
            Date: Mon, 05 Nov 2012 09:00:00 +0100
            Message-ID: <0198c5a0000070008000000000000001@rada.example>
            In-Reply-To: <case.ROOT@rada.example>
            References: <case.ROOT@rada.example>
            Auto-Submitted: auto-generated
            X-Auto-Response-Suppress: All
            Content-Language: pl
            MIME-Version: 1.0
            Content-Type: multipart/alternative;
             boundary="=_a0198c5a0000070008000000000000001"

            --=_a0198c5a0000070008000000000000001
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            Za=C5=BC=C3=B3=C5=82=C4=87 g=C4=99=C5=9Bl=C4=85 ja=C5=BA=C5=84.
            =2Ekropka na pocz=C4=85tku
            =46rom tak si=C4=99 nie zaczyna
            --=_a0198c5a0000070008000000000000001
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            <p lang=3D"pl">Za=C5=BC=C3=B3=C5=82=C4=87</p>
            --=_a0198c5a0000070008000000000000001--

            """;
        var root = Sample.RootId!["<case.".Length..^"@rada.example>".Length];
        root.Length.ShouldBe(32);

        var mail = Encoding.ASCII.GetString(MimeWriter.Write(Sample));

        mail.ShouldBe(expected.Replace("ROOT", root, StringComparison.Ordinal).ReplaceLineEndings("\r\n"));
        MimeWriter.Write(Sample).ShouldBe(MimeWriter.Write(Sample with { }));
    }

    public static TheoryData<string> Texts =>
    [
        "",
        "zwykły tekst",
        "spacja na końcu ",
        "tabulator\t\nnowy wiersz",
        "=3D nie jest znakiem równości",
        "\n\npuste na początku",
        ".\n..\n.\r\n.\r\n",
        "sam CR\rsam LF\nCRLF\r\nkoniec",
        "From my own line\nFromage",
        new string('x', 3000),
        new string('ż', 500),
        "🗳️ głos 👩‍⚖️ oddany",
        "kolumna 75 " + new string('a', 64) + "żółw",
        "MIME-Version: 1.0\r\n\r\n--=_a0198c5a0000070008000000000000001--\r\n",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_comes_back_as_it_went_with_one_kind_of_line_end(string text)
    {
        var bytes = MimeWriter.Write(Sample with { Text = text, Html = text });
        var read = MimeReader.Read(bytes);

        read.Text.ShouldBe(MimeEncoding.NormalizeLines(text));
        read.Html.ShouldBe(MimeEncoding.NormalizeLines(text));
        ShouldBeMail(bytes);
    }

    [Theory]
    [InlineData("krótki")]
    [InlineData("plain ASCII words only")]
    [InlineData("=?utf-8?Q?podstęp?=")]
    [InlineData("two  spaces ")]
    [InlineData("Wyjątkowo długi temat z łóżkiem, żółwiem, źdźbłem i gęsią, który nie mieści się w wierszu ani w dwóch wierszach 🗳️🗳️🗳️")]
    [InlineData("ASCIIasciiASCIIasciiASCIIasciiASCIIasciiASCIIasciiASCIIasciiASCIIasciiASCIIasciiASCIIasciiASCII")]
    public void A_subject_and_a_name_come_back_as_they_went(string text)
    {
        var bytes = MimeWriter.Write(Sample with { Subject = text, To = Sample.To! with { DisplayName = text } });
        var read = MimeReader.Read(bytes);

        read.Header("Subject").ShouldBe(text);
        read.Header("To").ShouldBe($"{text} <anna.nowak@forum.example>");
        ShouldBeMail(bytes);
    }

    [Theory]
    [InlineData("a\r\nBcc: all@example.org")]
    [InlineData("a\nBcc: all@example.org")]
    [InlineData("a\rBcc: all@example.org")]
    [InlineData("a\0b")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    [InlineData("\r\n\r\nbody")]
    [InlineData("tab\tbed")]
    public void A_control_character_in_a_header_is_refused(string text)
    {
        Should.Throw<ArgumentException>(() => MimeWriter.Write(Sample with { Subject = text }));
        Should.Throw<ArgumentException>(() => MimeWriter.Write(Sample with { To = Sample.To! with { DisplayName = text } }));
        Should.Throw<ArgumentException>(() => MimeWriter.Write(Sample with { From = Sample.From with { DisplayName = text } }));
        Should.Throw<ArgumentException>(() => MimeWriter.Write(Sample with { Domain = text }));
        Should.Throw<ArgumentException>(() => MimeWriter.Write(Sample with { RootId = text }));
        Should.Throw<ArgumentException>(() => MimeWriter.Write(Sample with { Language = text }));
        Should.Throw<ArgumentException>(
            () => MimeWriter.Write(Sample with { Attachments = [new MailAttachment(text, "text/plain", default)] }));
        Should.Throw<ArgumentException>(
            () => MimeWriter.Write(Sample with { Attachments = [new MailAttachment("a.txt", text, default)] }));
    }

    [Fact]
    public void Half_of_a_character_is_refused_rather_than_replaced()
    {
        Should.Throw<ArgumentException>(() => MimeWriter.Write(Sample with { Subject = "a\ud83db" }));
        Should.Throw<ArgumentException>(() => MimeWriter.Write(Sample with { Text = "a\ud83db" }));
    }

    [Theory]
    [InlineData("termin.ics", "filename=\"termin.ics\"")]
    [InlineData("załącznik.ics", "filename*=UTF-8''za%C5%82%C4%85cznik.ics")]
    [InlineData("a\"b.ics", "filename*=UTF-8''a%22b.ics")]
    public void A_file_name_is_plain_where_it_can_be_and_extended_where_it_must(string name, string parameter)
    {
        MimeEncoding.FileNameParameters(name).ShouldBe([parameter]);

        var bytes = MimeWriter.Write(Sample with
        {
            Attachments = [new MailAttachment(name, "text/calendar; charset=utf-8; method=PUBLISH", new byte[] { 1, 2, 250 })],
        });
        ShouldBeMail(bytes);
        var mail = Encoding.ASCII.GetString(bytes);
        mail.ShouldContain($"Content-Type: text/calendar; charset=utf-8; method=PUBLISH\r\nContent-Transfer-Encoding: base64\r\n"
            + $"Content-Disposition: attachment; {parameter}\r\n\r\nAQL6\r\n\r\n--=_m");
        MimeReader.Read(bytes).AttachmentCount.ShouldBe(1);
        MimeReader.Read(bytes).Html.ShouldBe(Sample.Html);
    }

    [Fact]
    public void A_long_file_name_is_continued()
    {
        var parameters = MimeEncoding.FileNameParameters(new string('ż', 40) + ".ics");

        parameters.Count.ShouldBeGreaterThan(1);
        parameters[0].ShouldStartWith("filename*0*=UTF-8''%C5%BC");
        parameters[1].ShouldStartWith("filename*1*=%C5%BC");
        parameters.ShouldAllBe(parameter => parameter.Length < 76);
        var joined = string.Concat(parameters.Select(parameter => parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..]));
        Uri.UnescapeDataString(joined["UTF-8''".Length..]).ShouldBe(new string('ż', 40) + ".ics");
    }

    [Theory]
    [InlineData("2012-07-01T10:00:00Z", "Sun, 01 Jul 2012 12:00:00 +0200")]
    [InlineData("2012-10-28T00:30:00Z", "Sun, 28 Oct 2012 02:30:00 +0200")]
    [InlineData("2012-10-28T01:30:00Z", "Sun, 28 Oct 2012 02:30:00 +0100")]
    public void The_date_bears_the_offset_of_Warsaw_on_that_day(string instant, string date) =>
        MimeReader.Read(MimeWriter.Write(Sample with
        {
            Date = DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture),
        })).Header("Date").ShouldBe(date);

    /// <summary>ASCII only, every line end CRLF, no line above 78, one end of headers before the first boundary.</summary>
    private static void ShouldBeMail(byte[] bytes)
    {
        bytes.ShouldAllBe(value => value < 128 && value != 0);
        var mail = Encoding.ASCII.GetString(bytes);
        mail.ShouldEndWith("\r\n");
        mail.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain('\r');
        mail.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain('\n');
        mail.Split("\r\n").ShouldAllBe(line => line.Length <= 78);
    }
}
