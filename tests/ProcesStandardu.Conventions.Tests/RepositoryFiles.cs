using System.Xml.Linq;

namespace ProcesStandardu.Conventions.Tests;

/// <summary>The repository's own files, read as they lie; what is built or fetched is not among them.</summary>
internal static class RepositoryFiles
{
    private static readonly string[] NotOurs = ["artifacts", "node_modules", "bin", "obj", ".git", ".data", "lib"];

    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Files below <paramref name="folder"/> (relative to the root) with one of the endings, as paths relative to the root.</summary>
    public static IEnumerable<string> Below(string folder, params string[] endings)
    {
        var start = Path.Combine(Root, folder);
        return Directory.Exists(start) ? Walk(start).Select(file => Path.GetRelativePath(Root, file)) : [];

        IEnumerable<string> Walk(string at) =>
            Directory.EnumerateFiles(at)
                .Where(file => endings.Any(ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
                .Concat(Directory.EnumerateDirectories(at).Where(d => !NotOurs.Contains(Path.GetFileName(d))).SelectMany(Walk));
    }

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static XDocument ReadXml(string path) => XDocument.Load(Path.Combine(Root, path));

    /// <summary>Every project file of source and tests.</summary>
    public static IReadOnlyList<string> Projects() => [.. Below("src", ".csproj").Concat(Below("tests", ".csproj"))];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ProcesStandardu.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return folder.FullName;
    }
}
