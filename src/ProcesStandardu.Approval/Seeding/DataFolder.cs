using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>A folder of data files, read strictly: what a file says and we do not know is an error, never ignored.</summary>
public sealed class DataFolder(string path)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The files that are shipped beside the program.</summary>
    public static DataFolder Shipped { get; } = new(System.IO.Path.Combine(AppContext.BaseDirectory, "data"));

    public string Path { get; } = path;

    /// <summary>Reads <c>name.json</c>; a name may contain folders.</summary>
    /// <exception cref="DataFileException">The file is missing, is not JSON, lacks something or holds something unknown.</exception>
    public async Task<T> ReadAsync<T>(string name, CancellationToken cancellation)
    {
        var file = name + ".json";
        try
        {
            await using var stream = File.OpenRead(System.IO.Path.Combine(Path, file));
            return await JsonSerializer.DeserializeAsync<T>(stream, Options, cancellation)
                ?? throw new DataFileException(file, "$", "The file is empty.");
        }
        catch (JsonException error)
        {
            throw new DataFileException(file, error.Path ?? "$", error.Message, error);
        }
        catch (IOException error)
        {
            throw new DataFileException(file, "$", error.Message, error);
        }
    }

    /// <summary>Reads a text file of the folder.</summary>
    /// <exception cref="DataFileException">The file is missing.</exception>
    public async Task<string> ReadTextAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllTextAsync(System.IO.Path.Combine(Path, name), cancellation);
        }
        catch (IOException error)
        {
            throw new DataFileException(name, "", error.Message, error);
        }
    }
}

/// <summary>A data file cannot be taken over; says which and where in it. Nothing of any file was taken over.</summary>
public sealed class DataFileException(string file, string place, string problem, Exception? inner = null)
    : Exception($"{file}, {place}: {problem}", inner)
{
    /// <summary>The file, relative to the data folder.</summary>
    public string File { get; } = file;

    /// <summary>The place as a JSON path, or the key of the item.</summary>
    public string Place { get; } = place;
}
