using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace ProcesStandardu.Web.Studio;

/// <summary>
/// The files of Elsa Studio's npm package, as they come: each by its path under <c>/studio/</c>, compressed as the package brings
/// them. Nothing outside the package can be asked for, since what can be asked for is listed once.
/// </summary>
public sealed partial class StudioFiles
{
    private const string Package = "node_modules/@elsa-workflows/elsa-studio-wasm";
    private const string Forever = "private, max-age=31536000, immutable";
    private const string AskEachTime = "private, no-cache";

    private static readonly FileExtensionContentTypeProvider Types = new(new Dictionary<string, string>(
        new FileExtensionContentTypeProvider().Mappings, StringComparer.OrdinalIgnoreCase)
    {
        [".dat"] = "application/octet-stream",
        [".webmanifest"] = "application/manifest+json",
        [".scss"] = "text/plain",
        [".cur"] = "image/x-icon",
    });

    private readonly Lazy<FrozenDictionary<string, Entry>> files;
    private readonly Lazy<string> suffix;

    public StudioFiles(IHostEnvironment environment)
    {
        // Published, the package lies beside the program; built, where npm put it.
        string[] folders = [Path.Combine(AppContext.BaseDirectory, "studio"), Path.Combine(environment.ContentRootPath, Package)];
        files = new(() => folders.Where(Directory.Exists).Select(Read).FirstOrDefault() ?? FrozenDictionary<string, Entry>.Empty);
        suffix = new(() => "?v=" + VersionIn(folders.Select(folder => Path.Combine(folder, "package.json")).FirstOrDefault(File.Exists)));
    }

    /// <summary>Put behind an address, it lets the browser keep the file for good: another version of the package has another one.</summary>
    public string Suffix => suffix.Value;

    /// <summary>The file, or nothing found; answers conditional requests.</summary>
    /// <param name="path">Below <c>/studio/</c>, with slashes.</param>
    public IResult Get(HttpContext http, string path)
    {
        if (!files.Value.TryGetValue(path, out var entry))
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        var headers = http.Response.Headers;
        headers.CacheControl = entry.IsFingerprinted || http.Request.QueryString.Value == Suffix ? Forever : AskEachTime;
        headers.ContentSecurityPolicy = StudioPolicy.Header;
        var file = entry.Plain;
        if (entry.Brotli is { } brotli)
        {
            headers.Vary = "Accept-Encoding";
            if (http.Request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value == "br" && coding.Quality is not 0))
            {
                headers.ContentEncoding = "br";
                file = brotli;
            }
        }

        return TypedResults.PhysicalFile(file.FullName, entry.ContentType, lastModified: file.LastWriteTimeUtc, entityTag: TagOf(file));
    }

    private static EntityTagHeaderValue TagOf(FileInfo file) =>
        new($"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}{(file.Extension == ".br" ? "-br" : "")}\"");

    private static string VersionIn(string? package)
    {
        using var json = package is null ? null : JsonDocument.Parse(File.ReadAllBytes(package));
        return json?.RootElement.GetProperty("version").GetString() ?? "0";
    }

    private static FrozenDictionary<string, Entry> Read(string folder)
    {
        var all = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file.FullName).Replace('\\', '/'), StringComparer.Ordinal);
        return all
            .Where(file => file.Value.Extension is not (".br" or ".gz") && file.Key is not ("index.html" or "package.json"))
            .Where(file => Types.TryGetContentType(file.Key, out _))
            .ToFrozenDictionary(
                file => file.Key,
                file => new Entry(
                    file.Value,
                    all.GetValueOrDefault(file.Key + ".br"),
                    Types.Mappings[file.Value.Extension],
                    Fingerprint().IsMatch(file.Key)),
                StringComparer.Ordinal);
    }

    // Ten letters and digits before the last extension or before ".bundle.scp.css", as .NET's build puts them.
    [GeneratedRegex(@"(^_framework/.*\.[0-9a-z]{10}\.[a-z]+$)|(\.[0-9a-z]{10}\.bundle\.scp\.css$)", RegexOptions.CultureInvariant)]
    private static partial Regex Fingerprint();

    private sealed record Entry(FileInfo Plain, FileInfo? Brotli, string ContentType, bool IsFingerprinted);
}

/// <summary>What the browser lets Studio do: WebAssembly, inline styles and workers from memory, and nothing from another host.</summary>
internal static class StudioPolicy
{
    // The hashes are of the two inline scripts that Studio's editor and its list of instances add, for keyboard shortcuts; they come with
    // the package's version.
    public const string Header =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-snlP1jz0gjwc5cTz9ErZcliXuCK63+Mmf68RRCeptgc=' "
        + "'sha256-vu6sQrKXQHR4Yn3FMMihA/9TxxfIXnCxKwvLrTPJ5ts='; "
        + "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        + "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
}
