using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace ProcesStandardu.ElsaApi.Tests.Definitions;

/// <summary>A definition goes out as a file and comes back, to the byte.</summary>
public sealed class FileTests(ElsaSite site) : IClassFixture<ElsaSite>
{
    [Fact]
    public async Task A_shipped_definition_is_exported_to_the_byte()
    {
        using var designer = await site.CallerAsync();
        foreach (var file in Directory.EnumerateFiles(ElsaSite.Workflows, "*.json"))
        {
            var id = Path.GetFileNameWithoutExtension(file);

            var exported = await designer.GetAsync($"/workflow-definitions/{id}/export?versionOptions=Published");

            exported.Message.Content.Headers.ContentDisposition!.FileName.ShouldBe($"workflow-definition-{id}.json");
            var shipped = await File.ReadAllBytesAsync(file);
            exported.Body.AsSpan().SequenceEqual(shipped).ShouldBeTrue(id);
        }
    }

    [Fact]
    public async Task An_imported_file_is_exported_to_the_byte_also_once_it_is_published()
    {
        using var designer = await site.CallerAsync();
        var text = "{\r\n  \"root\" : " + Drawing.Of("bajty", Drawing.Step("a", "Elsa.WriteLine", ("text", "zażółć")))["root"]!.ToJsonString()
            + ",\t\"name\":\"Bajty\", \"definitionId\":\"bajty\",\"id\":\"bajty-v9\",\"wlasne\":{\"b\":1.50,\"a\":null}}\n";
        var bytes = Encoding.UTF8.GetBytes(text);
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } };

        (await designer.SendAsync(HttpMethod.Post, "/workflow-definitions/import", content)).Status.ShouldBe(HttpStatusCode.OK);

        (await designer.GetAsync("/workflow-definitions/bajty/export")).Body.ShouldBe(bytes);
        (await designer.PostAsync("/workflow-definitions/bajty/publish")).Status.ShouldBe(HttpStatusCode.OK);
        (await designer.GetAsync("/workflow-definitions/bajty/export?versionOptions=Published")).Body.ShouldBe(bytes);
    }

    [Fact]
    public async Task A_drawing_is_the_same_file_wherever_it_is_imported_and_whatever_an_editor_adds()
    {
        using var editor = await site.CallerAsync(tab: "rysownik");
        var definition = await editor.LoadAsync("zatwierdzanie-produktu");
        definition["description"] = "Narysowany na nowo";
        await editor.SaveAsync(definition);
        var file = (await editor.GetAsync("/workflow-definitions/zatwierdzanie-produktu/export?versionOptions=Latest")).Body;

        var model = JsonNode.Parse(file)!.AsObject();
        model["definitionId"] = "zatwierdzanie-2";
        model["id"] = "zatwierdzanie-2";
        var expected = Encoding.UTF8.GetString(file).Replace("\"zatwierdzanie-produktu\"", "\"zatwierdzanie-2\"", StringComparison.Ordinal);
        foreach (var added in new[] { "createdAt", "links", "materializerContext" })
        {
            model[added] = null;
        }

        model["version"] = 5;
        model["isPublished"] = true;
        await editor.PostAsync("/workflow-definitions/import", model);

        Encoding.UTF8.GetString((await editor.GetAsync("/workflow-definitions/zatwierdzanie-2/export")).Body).ShouldBe(expected);
    }

    [Fact]
    public async Task Many_go_out_as_one_zip_and_come_back_all_or_none()
    {
        using var designer = await site.CallerAsync();
        var ids = new JsonObject { ["ids"] = new JsonArray("czuwanie-nad-terminem-v1", "osiagniecie-wskaznika-v1") };

        var zip = await designer.PostAsync("/bulk-actions/export/workflow-definitions", ids);

        using var archive = new ZipArchive(new MemoryStream(zip.Body));
        archive.Entries.Select(entry => entry.Name).ShouldBe(
            ["workflow-definition-czuwanie-nad-terminem.json", "workflow-definition-osiagniecie-wskaznika.json"], ignoreOrder: true);

        using var parts = new MultipartFormDataContent
        {
            { new StringContent(Drawing.Of("plik-1", Drawing.Step("a", "Elsa.WriteLine", ("text", "x"))).ToJsonString()), "files", "1.json" },
            { new StringContent("to nie jest JSON"), "files", "2.json" },
        };
        (await designer.SendAsync(HttpMethod.Post, "/workflow-definitions/import-files", parts)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await designer.GetAsync("/workflow-definitions/by-definition-id/plik-1")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_import_replaces_a_draft_and_the_draft_is_kept()
    {
        using var designer = await site.CallerAsync(tab: "przed");
        await designer.PostAsync("/workflow-definitions/import", Drawing.Of("zastapiona", Drawing.Step("a", "Elsa.WriteLine", ("text", "stara"))));

        await designer.PostAsync("/workflow-definitions/import", Drawing.Of("zastapiona", Drawing.Step("a", "Elsa.WriteLine", ("text", "nowa"))));

        var kept = (await designer.GetAsync("/kept-drafts")).Json!["items"]!.AsArray().Single(draft => draft!["definitionId"]!.GetValue<string>() == "zastapiona")!;
        kept["reason"]!.GetValue<string>().ShouldBe("replaced");
        Encoding.UTF8.GetString((await designer.GetAsync($"/kept-drafts/{kept["id"]}/file")).Body).ShouldContain("stara");
    }
}
