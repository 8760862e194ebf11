using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace ProcesStandardu.Web.Host;

/// <summary>The keys behind cookies and form tokens, in PostgreSQL: any node reads what another one wrote.</summary>
public sealed class PostgresKeyRepository(NpgsqlDataSource database) : IXmlRepository
{
    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = database.CreateCommand("select xml from data_protection_key order by friendly_name");
        using var reader = command.ExecuteReader();
        var keys = new List<XElement>();
        while (reader.Read())
        {
            keys.Add(XElement.Parse(reader.GetString(0)));
        }

        return keys;
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = database.CreateCommand(
            "insert into data_protection_key (friendly_name, xml) values ($1, $2) on conflict (friendly_name) do update set xml = excluded.xml");
        command.Parameters.Add(new NpgsqlParameter { Value = friendlyName });
        command.Parameters.Add(new NpgsqlParameter { Value = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }
}

/// <summary>Registers <see cref="PostgresKeyRepository"/>.</summary>
public static class PostgresKeyRegistration
{
    /// <summary>
    /// Keeps the keys in PostgreSQL; encrypted there when <c>DataProtection:Certificate</c> names a PKCS#12 file
    /// (its password in <c>DataProtection:CertificatePassword</c>).
    /// </summary>
    public static IServiceCollection AddKeysInPostgres(this IServiceCollection services, IConfiguration configuration)
    {
        var protection = services.AddDataProtection().SetApplicationName("ProcesStandardu");
        services.AddOptions<KeyManagementOptions>().Configure<NpgsqlDataSource>(
            (options, database) => options.XmlRepository = new PostgresKeyRepository(database));
        if (configuration["DataProtection:Certificate"] is { Length: > 0 } file)
        {
            protection.ProtectKeysWithCertificate(
                X509CertificateLoader.LoadPkcs12FromFile(file, configuration["DataProtection:CertificatePassword"]));
        }

        return services;
    }
}
