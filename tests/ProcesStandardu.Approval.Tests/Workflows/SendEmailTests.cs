using System.Text;
using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

public sealed class SendEmailTests : IAsyncLifetime
{
    private TestProduct _product = null!;

    public async ValueTask InitializeAsync() => _product = await TestProduct.CreateAsync();

    public ValueTask DisposeAsync() => _product.DisposeAsync();

    [Fact]
    public async Task Each_recipient_gets_one_mail_of_his_own_in_the_bursts_transaction()
    {
        var anna = await AddressOfAsync("anna-nowak");
        var marek = await AddressOfAsync("marek-pole");

        await RunAsync(
            ("to", Input("Object", new JsonArray(anna, marek).ToJsonString())), ("cc", Input("Literal", $"{anna.ToUpperInvariant()}; {marek}")),
            ("replyTo", Input("Literal", "odpowiedzi@example.org")), ("subject", Input("Literal", "Zebranie\r\nBcc: obcy@example.org")),
            ("body", Input("Literal", "Pierwszy.\n\n.\r\nDrugi <b>akapit</b>.")));

        (await ScalarAsync<string>("select sub_status from workflow_instance")).ShouldBe("finished");
        (await ScalarAsync<string>("select string_agg(recipient_address, ' ' order by recipient_address) from outbox_message"))
            .ShouldBe(string.Join(' ', new[] { anna, marek }.Order(StringComparer.Ordinal)));
        var bytes = PackedMail.Unpack((await ScalarAsync<byte[]>("select bytes from outbox_message limit 1"))!);
        var mail = Encoding.ASCII.GetString(bytes);
        mail.ShouldContain("Reply-To: <odpowiedzi@example.org>\r\n");
        mail.Split("\r\n\r\n")[0].Split("\r\n").ShouldNotContain(line => line.StartsWith("Bcc", StringComparison.OrdinalIgnoreCase));
        MimeReader.Read(bytes).Html.ShouldContain("Drugi &lt;b&gt;akapit&lt;/b&gt;.");
    }

    [Theory]
    [InlineData("to", "obcy@example.org")]
    [InlineData("to", "")]
    [InlineData("subject", " ")]
    [InlineData("replyTo", "nie adres")]
    [InlineData("from", "prezes@example.org")]
    public async Task What_cannot_be_sent_is_an_incident_and_nobody_gets_anything(string input, string value)
    {
        var anna = await AddressOfAsync("anna-nowak");
        var inputs = new Dictionary<string, JsonObject>
        {
            ["to"] = Input("Literal", anna),
            ["subject"] = Input("Literal", "Temat"),
            [input] = Input("Literal", input == "to" && value.Length > 0 ? $"{anna}, {value}" : value),
        };

        await RunAsync([.. inputs.Select(pair => (pair.Key, pair.Value))]);

        (await ScalarAsync<string>("select sub_status from workflow_instance")).ShouldBe("faulted");
        (await ScalarAsync<long>("select count(*) from outbox_message")).ShouldBe(0);
    }

    private Task<T?> ScalarAsync<T>(string sql) => _product.Database.ScalarAsync<T>(sql);

    private async Task<string> AddressOfAsync(string key) =>
        (await _product.Database.ScalarAsync<string>("select email from person where key = $1", key))!;

    private async Task RunAsync(params (string Name, JsonObject Value)[] inputs)
    {
        var mail = new JsonObject { ["id"] = "mail", ["type"] = "Elsa.SendEmail" };
        foreach (var (name, value) in inputs)
        {
            mail[name] = value;
        }

        var version = await _product.PublishAsync(new JsonObject { ["definitionId"] = "list", ["root"] = mail }.ToJsonString());
        await _product.StartWorkflowAsync(new StartWorkflow { VersionId = version });
    }

    private static JsonObject Input(string type, string value) =>
        new() { ["expression"] = new JsonObject { ["type"] = type, ["value"] = value } };
}
