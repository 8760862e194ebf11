using System.Globalization;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>What mails of every kind look like, with made-up facts, finished as real ones are.</summary>
public sealed class MailPreview(Outbox outbox, TimeProvider time)
{
    /// <param name="Number">Its place in the list, from 0.</param>
    public sealed record Sample(
        int Number, string Kind, string Subject, IReadOnlyList<KeyValuePair<string, string>> Headers, string Text, string Html);

    /// <param name="language"><c>pl</c> or <c>en</c>.</param>
    public IReadOnlyList<Sample> All(string language)
    {
        var person = new MailRecipient(Guid.Empty, "Anna Nowak", "anna.nowak@forum.example", language);
        var now = time.GetUtcNow();
        return [.. MailSamples.All(MailTexts.For(language)["SampleTitle"]).Select((mail, number) =>
        {
            var message = outbox.Finish(mail, person, now);
            var read = MimeReader.Read(message.Bytes);
            return new Sample(number, mail.Kind, message.Subject, read.Headers, read.Text, read.Html);
        })];
    }

    /// <summary>The place that an address names, or the first.</summary>
    public static int Choose(string? number, int count) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < count ? place : 0;
}
