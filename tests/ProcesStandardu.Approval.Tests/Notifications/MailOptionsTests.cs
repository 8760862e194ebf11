using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Notifications;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class MailOptionsTests
{
    [Fact]
    public void Without_configuration_mails_go_to_a_folder_beside_the_data()
    {
        var (mail, site) = Read();

        (mail.Transport, mail.PickupFolder).ShouldBe((MailTransportKind.Pickup, Path.Combine("/data", "mail")));
        site.BaseAddress.ShouldBe("http://localhost:5080/");
    }

    [Fact]
    public void A_whole_configuration_is_taken_as_written()
    {
        var (mail, _) = Read(
            ("Mail:Transport", "Smtp"), ("Mail:Host", "poczta.example"), ("Mail:Port", "2525"), ("Mail:StartTls", "Required"),
            ("Mail:User", "rada"), ("Mail:PasswordFile", "/run/secrets/mail"), ("Mail:From", "rada@proces.example"),
            ("Mail:ReplyTo", "sekretarz@proces.example"), ("Mail:PickupFolder", "/var/mail"), ("Mail:DotReplyTimeout", "00:20:00"),
            ("Site:BaseAddress", "https://proces.example"));

        (mail.Host, mail.Port, mail.DotReplyTimeout, mail.PickupFolder)
            .ShouldBe(("poczta.example", 2525, TimeSpan.FromMinutes(20), "/var/mail"));
    }

    [Theory]
    [InlineData("Mail:From", "Rada <rada@proces.example>")]
    [InlineData("Mail:From", "rada@proces.example\r\nBcc: x@example.org")]
    [InlineData("Mail:From", "")]
    [InlineData("Mail:FromName", "Rada\r\nBcc: x@example.org")]
    [InlineData("Mail:ReplyTo", "nobody")]
    [InlineData("Mail:Port", "0")]
    [InlineData("Mail:BatchSize", "0")]
    [InlineData("Mail:Concurrency", "33")]
    [InlineData("Mail:DotReplyTimeout", "00:00:00")]
    [InlineData("Mail:GiveUpAfter", "00:59:59")]
    [InlineData("Mail:Transport", "Smtp")]
    [InlineData("Site:BaseAddress", "proces.example")]
    [InlineData("Site:BaseAddress", "ftp://proces.example")]
    [InlineData("Site:BaseAddress", "https://user@proces.example/?a=1")]
    public void What_cannot_work_is_refused_at_start(string key, string value) =>
        Should.Throw<OptionsValidationException>(() => Read((key, value)));

    [Theory]
    [InlineData("None", "secret", null)]
    [InlineData("Required", null, null)]
    [InlineData("Required", "secret", "/run/secrets/mail")]
    public void A_user_needs_TLS_and_one_password(string startTls, string? password, string? file) =>
        Should.Throw<OptionsValidationException>(() => Read(
            ("Mail:Transport", "Smtp"), ("Mail:Host", "poczta.example"), ("Mail:User", "rada"), ("Mail:StartTls", startTls),
            ("Mail:Password", password), ("Mail:PasswordFile", file)));

    private static (MailOptions Mail, SiteOptions Site) Read(params (string Key, string? Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => setting.Value)).Build();
        using var services = new ServiceCollection().AddNotifications(configuration, "/data").BuildServiceProvider();
        return (services.GetRequiredService<IOptions<MailOptions>>().Value, services.GetRequiredService<IOptions<SiteOptions>>().Value);
    }
}
