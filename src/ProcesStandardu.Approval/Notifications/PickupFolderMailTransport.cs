using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// Puts each mail as an .eml file into a folder, for the demo and for relays that collect from one. The file's name is
/// the Message-ID: the same mail put twice is one file. A file appears whole or not at all.
/// </summary>
public sealed class PickupFolderMailTransport(IOptions<MailOptions> options) : IMailTransport
{
    private readonly string folder = options.Value.PickupFolder;

    public bool RepeatsAreHarmless => true;

    public bool MindsPace => false;

    public async Task<SendOutcome> SendAsync(MailSubmission mail, CancellationToken cancellation)
    {
        // Message-IDs are made of hexadecimal digits and a checked domain: nothing in them leads out of the folder.
        var name = mail.MessageId.Trim('<', '>') + ".eml";
        var unfinished = Path.Combine(folder, "." + name + ".tmp");
        try
        {
            Directory.CreateDirectory(folder);
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await file.WriteAsync(mail.Bytes, cancellation);
                file.Flush(flushToDisk: true);
            }

            if (!await mail.MayHandOver(cancellation))
            {
                File.Delete(unfinished);
                return new SendOutcome.GivenUp();
            }

            File.Move(unfinished, Path.Combine(folder, name), overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new SendOutcome.TemporaryFailure(error.Message, ConcernsAllMail: true);
        }

        Failpoints.Reach(MailFailpoints.AfterRename);
        return new SendOutcome.Accepted();
    }
}
