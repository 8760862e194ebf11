using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Web.Tests.Harness;

/// <summary>
/// The whole product inside the test process, on a database and a clock of the test: over HTTP without a network
/// (<c>CreateClient</c>), or, after <see cref="Listen"/>, on a real port for a browser.
/// </summary>
public sealed class ProductPages : WebApplicationFactory<Program>
{
    private readonly string _connectionString;
    private readonly TimeProvider? _clock;
    private readonly IReadOnlyDictionary<string, string> _settings;

    /// <param name="database">What the product works on; the test drops it afterwards.</param>
    /// <param name="clock">Stands in for the programme clock; null leaves the product's own.</param>
    /// <param name="settings">Configuration, such as <c>Demo:Enabled</c>.</param>
    public ProductPages(TestDatabase database, TimeProvider? clock = null, IReadOnlyDictionary<string, string>? settings = null)
        : this(database.ConnectionString, clock, settings)
    {
    }

    /// <param name="connectionString">Of the database that the product works on.</param>
    public ProductPages(string connectionString, TimeProvider? clock = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        _connectionString = connectionString;
        _clock = clock;
        _settings = settings ?? new Dictionary<string, string>();
        ClientOptions.AllowAutoRedirect = false;
    }

    /// <summary>Puts stand-ins in the place of services; null: none.</summary>
    public Action<IServiceCollection>? StandIns { get; init; }

    /// <summary>Serves on a free port of the loopback and says where.</summary>
    public Uri Listen()
    {
        UseKestrel(0);
        StartServer();
        return ClientOptions.BaseAddress;
    }

    /// <inheritdoc/>
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseContentRoot(Path.Combine(Repository.Root, "src", "ProcesStandardu.Web"));
        builder.UseSetting("ConnectionStrings:Database", _connectionString);
        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        // Tests call the passes themselves, when their story has come so far.
        builder.UseSetting("Passes:Ring", "false");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        if (StandIns is not null)
        {
            builder.ConfigureTestServices(StandIns);
        }

        if (_clock is not null)
        {
            builder.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton(_clock)));
        }
    }
}
