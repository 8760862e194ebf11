using System.IO.Compression;
using System.Reflection;
using System.Text;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// The bytes of a mail as the outbox stores them: deflated as if <c>PackedMail.1.txt</c>, a mail like all others, had gone
/// before, so that little more than what is its own remains. What is unpacked is what was packed, to the byte.
/// </summary>
/// <remarks>
/// Packed bytes begin with the number of that text; a mail never begins so, and stands as it is where packing gains nothing.
/// A text that mails were packed with must never change: another one gets another number.
/// </remarks>
public static class PackedMail
{
    private const byte First = 1;

    private static readonly byte[] Like = ReadLike();

    // What a decompressor must have seen before: the text as stored blocks of deflate, none of them the last.
    private static readonly byte[] Before = Stored(Like);

    [ThreadStatic]
    private static MemoryStream? buffer;

    /// <summary>Packs a finished mail.</summary>
    public static byte[] Pack(byte[] mail)
    {
        var packed = buffer ??= new MemoryStream(4096);
        packed.SetLength(0);
        int start;
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(Like);

            // Ends at a whole byte, and what comes after refers back over it.
            deflate.Flush();
            start = (int)packed.Length;
            deflate.Write(mail);
        }

        var length = (int)packed.Length - start + 1;
        if (length >= mail.Length)
        {
            return mail;
        }

        var bytes = new byte[length];
        bytes[0] = First;
        packed.GetBuffer().AsSpan(start, length - 1).CopyTo(bytes.AsSpan(1));
        if (packed.Capacity > 65_536)
        {
            // A mail with attachments must not keep its size for ever.
            buffer = null;
        }

        return bytes;
    }

    /// <summary>The mail that was packed; bytes that are not packed are the mail.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    public static byte[] Unpack(byte[] stored)
    {
        if (stored.Length == 0 || stored[0] != First)
        {
            return stored;
        }

        using var source = new MemoryStream(Before.Length + stored.Length);
        source.Write(Before);
        source.Write(stored.AsSpan(1));
        source.Position = 0;
        using var inflate = new DeflateStream(source, CompressionMode.Decompress);
        using var mail = new MemoryStream(stored.Length * 4);
        inflate.ReadExactly(new byte[Like.Length]);
        inflate.CopyTo(mail);
        return mail.ToArray();
    }

    private static byte[] Stored(byte[] text)
    {
        using var blocks = new MemoryStream();
        for (var start = 0; start < text.Length; start += ushort.MaxValue)
        {
            var length = Math.Min(ushort.MaxValue, text.Length - start);
            blocks.Write([0, (byte)length, (byte)(length >> 8), (byte)~length, (byte)(~length >> 8)]);
            blocks.Write(text.AsSpan(start, length));
        }

        return blocks.ToArray();
    }

    private static byte[] ReadLike()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{typeof(PackedMail).FullName}.{First}.txt")!;
        using var reader = new StreamReader(resource, Encoding.ASCII);
        return Encoding.ASCII.GetBytes(reader.ReadToEnd().ReplaceLineEndings("\r\n"));
    }
}
