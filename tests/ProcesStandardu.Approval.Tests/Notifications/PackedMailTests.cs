using System.Security.Cryptography;
using System.Text;
using Npgsql;
using ProcesStandardu.Approval.Notifications;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class PackedMailTests
{
    [Fact]
    public async Task A_mail_takes_a_fifth_of_its_size_and_comes_back_to_the_byte()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak", name: "Anna Nowak");
        var john = await room.AddPersonAsync("john", language: "en");
        await room.QueueAsync(Some.Notice(), anna, john);

        foreach (var mail in await room.MailsAsync())
        {
            var text = Encoding.ASCII.GetString(mail.Bytes);
            text.ShouldStartWith("From: ");
            text.ShouldEndWith($"--=_a{mail.Id:N}--\r\n");
            var stored = PackedMail.Pack(mail.Bytes);
            PackedMail.Unpack(stored).ShouldBe(mail.Bytes);
            stored.Length.ShouldBeLessThan(mail.Bytes.Length / 4);
        }
    }

    [Fact]
    public void Anything_comes_back_also_what_cannot_be_packed_and_what_never_was()
    {
        var random = new Random(4);
        foreach (var length in new[] { 1, 100, 70_000, 300_000 })
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            noise[0] = (byte)'F';
            PackedMail.Unpack(PackedMail.Pack(noise)).ShouldBe(noise);
            PackedMail.Unpack(noise).ShouldBe(noise);
            var lines = Encoding.ASCII.GetBytes("From: " + Convert.ToBase64String(noise) + string.Concat(Enumerable.Repeat("\r\nbody { margin: 0; }", length)));
            PackedMail.Unpack(PackedMail.Pack(lines)).ShouldBe(lines);
        }
    }

    [Fact]
    public void The_text_that_mails_were_packed_with_is_still_the_same()
    {
        var file = typeof(PackedMail).Assembly.GetManifestResourceStream(typeof(PackedMail).FullName + ".1.txt")!;
        using var reader = new StreamReader(file);
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(reader.ReadToEnd().ReplaceLineEndings("\r\n")))).ShouldBe(
            "5ba5752c9c3872cd04026b560c402ac6dd655c95ec6c8cc204ef8fd44ee977b7",
            "Mails in databases need this text to be read. Add another with the next number and leave this one as it is.");
    }

    [Fact]
    public async Task A_person_whom_mail_went_to_cannot_be_taken_away()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        await room.QueueAsync(Some.Notice(), anna);

        (await Should.ThrowAsync<PostgresException>(room.ExecuteAsync("delete from person where id = $1", anna)))
            .SqlState.ShouldBe(PostgresErrorCodes.ForeignKeyViolation);
    }
}
