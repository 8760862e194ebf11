using System.Text;

namespace ProcesStandardu.Approval.Notifications.Bounces;

/// <summary>
/// The mailbox of returns as the mail system leaves it: a file of the mbox form, or a folder of the Maildir form. It is only
/// read: who keeps it also empties it.
/// </summary>
public static class ReturnedMailbox
{
    // What is larger is no report; an mbox is read whole.
    private const int LargestMessage = 10 * 1024 * 1024;

    /// <summary>Every message that lies there now; nothing where there is neither file nor folder.</summary>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public static IEnumerable<byte[]> Read(string path)
    {
        if (Directory.Exists(path))
        {
            return new[] { "new", "cur" }.Select(folder => Path.Combine(path, folder)).Where(Directory.Exists)
                .SelectMany(Directory.EnumerateFiles).Order(StringComparer.Ordinal).Select(TryRead).OfType<byte[]>();
        }

        return File.Exists(path) ? Split(File.ReadAllBytes(path)) : [];
    }

    /// <summary>Null for what is too large and for a file that was moved from new to cur meanwhile: the next reading finds it.</summary>
    private static byte[]? TryRead(string file)
    {
        try
        {
            return new FileInfo(file).Length <= LargestMessage ? File.ReadAllBytes(file) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A message begins after a line „From …” that stands first or after an empty line; „&gt;From” inside one loses its mark.</summary>
    internal static IEnumerable<byte[]> Split(byte[] mbox)
    {
        var message = new StringBuilder();
        var isInside = false;
        var afterEmpty = true;
        foreach (var line in Encoding.Latin1.GetString(mbox).Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n'))
        {
            if (afterEmpty && line.StartsWith("From ", StringComparison.Ordinal))
            {
                if (isInside && message.Length <= LargestMessage)
                {
                    yield return Encoding.Latin1.GetBytes(message.ToString().TrimEnd('\n') + "\n");
                }

                (isInside, afterEmpty) = (true, false);
                message.Clear();
                continue;
            }

            if (isInside)
            {
                message.Append(line.TrimStart('>').StartsWith("From ", StringComparison.Ordinal) && line.StartsWith('>') ? line[1..] : line).Append('\n');
            }

            afterEmpty = line.Length == 0;
        }

        if (isInside && message.Length <= LargestMessage)
        {
            yield return Encoding.Latin1.GetBytes(message.ToString().TrimEnd('\n') + "\n");
        }
    }
}
