using System.Text;

namespace ProcesStandardu.Approval.Audit;

/// <summary>Where the seals stand outside the database.</summary>
/// <param name="Path">A folder; best on other storage, where lines can be added and not taken away.</param>
public sealed record SealFolder(string Path)
{
    /// <summary>The setting that names the folder; without it <c>anchors</c> in the data folder.</summary>
    public const string Setting = "Audit:AnchorFolder";

    private const string FileName = "history-seals.jsonl";

    private string File => System.IO.Path.Combine(Path, FileName);

    /// <summary>The lines in their order. A line that a dying process left unfinished is passed over.</summary>
    public IReadOnlyList<string> Read()
    {
        if (!System.IO.File.Exists(File))
        {
            return [];
        }

        var text = System.IO.File.ReadAllText(File, Encoding.UTF8);
        var lines = text.Split('\n');

        // After the last line end stands nothing, or a line without its end.
        return [.. lines[..^1].Where((line, place) => !IsUnfinished(line, lines[place + 1]))];
    }

    /// <summary>Adds lines and makes sure that they are on the disk.</summary>
    public void Append(IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path);
        using var file = new FileStream(File, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var text = new StringBuilder();
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
            {
                text.Append('\n');
            }
        }

        file.Seek(0, SeekOrigin.End);
        foreach (var line in lines)
        {
            text.Append(line).Append('\n');
        }

        file.Write(Encoding.UTF8.GetBytes(text.ToString()));
        file.Flush(flushToDisk: true);
    }

    private static bool IsUnfinished(string line, string next) =>
        HistorySeal.Read(line) is null && next.StartsWith(line, StringComparison.Ordinal);
}
