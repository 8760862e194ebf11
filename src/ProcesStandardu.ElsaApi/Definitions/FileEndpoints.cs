using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows.Designing;

namespace ProcesStandardu.ElsaApi.Definitions;

/// <summary>
/// Definitions as files. What was imported as a file and not changed since is exported to the byte; what was drawn is written so that
/// the same drawing always gives the same file.
/// </summary>
internal static class FileEndpoints
{
    public sealed record ExportChoice(IReadOnlyList<string>? ids, bool includeConsumingWorkflows);

    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("").WithTags("workflow-definition-files");
        group.MapGet("/workflow-definitions/{definitionId}/export", ExportAsync).WithSummary("One version as a JSON file.");
        group.MapPost("/bulk-actions/export/workflow-definitions", ExportManyAsync).WithSummary("Many versions as a zip of JSON files.");
        group.MapPost("/workflow-definitions/import", ImportAsync).WithSummary("Imports one definition as the draft.").Accepts<JsonObject>("application/json");
        group.MapPost("/workflow-definitions/import-files", ImportFilesAsync).WithSummary("Imports files as drafts, all or none.");
        group.MapGet("/kept-drafts", KeptAsync).WithSummary("Drafts that were refused, replaced or discarded.");
        group.MapGet("/kept-drafts/{id:guid}/file", KeptFileAsync).WithSummary("A kept draft as a JSON file.");
    }

    private static async Task<IResult> ExportAsync(
        string definitionId, [FromQuery] string? versionOptions, [FromQuery] bool? includeConsumingWorkflows, UnitOfWork work,
        DefinitionVersions versions, DeleteDefinition definitions, CancellationToken cancellation)
    {
        if (await work.RunAsync(_ => versions.FindAsync(definitionId, versionOptions, cancellation), cancellation) is not { } version)
        {
            return Answers.NotFound();
        }

        if (includeConsumingWorkflows == true)
        {
            var users = await work.RunAsync(_ => definitions.UsersOfAsync(definitionId, cancellation), cancellation);
            if (users.Count > 0)
            {
                return Zip([version, .. users]);
            }
        }

        return Results.File(Encoding.UTF8.GetBytes(FileOf(version)), "application/json", NameOf(version));
    }

    private static async Task<IResult> ExportManyAsync(
        ExportChoice choice, UnitOfWork work, DefinitionVersions versions, CancellationToken cancellation)
    {
        var chosen = choice.ids is { Count: > 0 } ids
            ? await work.RunAsync(_ => versions.ListAsync([], ids, null, cancellation), cancellation)
            : [];
        return chosen.Count == 0 ? Answers.NotFound() : Zip(chosen);
    }

    private static async Task<IResult> ImportAsync(
        HttpContext http, SaveDraft save, WireDefinitions wire, Answers answers, CancellationToken cancellation)
    {
        var text = await Answers.TextOfAsync(http);
        if (Answers.ObjectOf(text) is not { } model)
        {
            return answers.Refused(new TextIsNoDefinition());
        }

        // Studio sends what it made of the file; only another sender's body is the file itself.
        var original = Answers.TabOf(http) is null ? text : null;
        var imported = await save.HandleAsync(
            new SaveDraft.Command(model, Answers.PersonOf(http), Answers.TabOf(http), original, SaveDraft.Imported), cancellation);
        return imported.Refusal is { } refusal ? answers.Refused(refusal) : Results.Ok(await wire.OfAsync(imported.Value, cancellation));
    }

    private static async Task<IResult> ImportFilesAsync(
        HttpContext http, UnitOfWork work, SaveDraft save, Answers answers, CancellationToken cancellation)
    {
        if (!http.Request.HasFormContentType)
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        var texts = new List<string?>();
        foreach (var file in (await http.Request.ReadFormAsync(cancellation)).Files)
        {
            await using var stream = file.OpenReadStream();
            texts.Add(await Answers.ReadAsync(stream, cancellation));
        }

        var imported = await work.RunAsync<int>(
            async _ =>
            {
                foreach (var text in texts)
                {
                    if (Answers.ObjectOf(text) is not { } model)
                    {
                        return new TextIsNoDefinition();
                    }

                    var saved = await save.HandleAsync(
                        new SaveDraft.Command(model, Answers.PersonOf(http), Answers.TabOf(http), text, SaveDraft.Imported), cancellation);
                    if (saved.Refusal is { } refusal)
                    {
                        return refusal;
                    }
                }

                return texts.Count;
            },
            cancellation);
        return imported.Refusal is { } problem ? answers.Refused(problem) : Results.Ok(new JsonObject { ["count"] = imported.Value });
    }

    private static async Task<JsonObject> KeptAsync(KeptDrafts kept, CancellationToken cancellation) =>
        DefinitionEndpoints.Listed((await kept.ListAsync(cancellation)).Select(draft => new JsonObject
        {
            ["id"] = draft.Id,
            ["definitionId"] = draft.DefinitionId,
            ["name"] = draft.Name,
            ["reason"] = draft.Reason,
            ["keptAt"] = draft.At,
            ["by"] = draft.By,
        }));

    private static async Task<IResult> KeptFileAsync(Guid id, KeptDrafts kept, CancellationToken cancellation) =>
        await kept.FileAsync(id, cancellation) is { } draft
            ? Results.File(Encoding.UTF8.GetBytes(draft.File), "application/json", $"workflow-definition-{draft.DefinitionId}.json")
            : Answers.NotFound();

    private static string FileOf(StoredVersion version) => version.Original ?? DefinitionJson.ToFile(version.Json);

    private static string NameOf(StoredVersion version) => $"workflow-definition-{version.DefinitionId}.json";

    private static IResult Zip(IReadOnlyList<StoredVersion> versions)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var version in versions)
            {
                var one = versions.Count(other => other.DefinitionId == version.DefinitionId) == 1;
                using var entry = zip.CreateEntry(one ? NameOf(version) : $"workflow-definition-{version.VersionId}.json").Open();
                entry.Write(Encoding.UTF8.GetBytes(FileOf(version)));
            }
        }

        return Results.File(bytes.ToArray(), "application/zip", "workflow-definitions.zip");
    }
}
