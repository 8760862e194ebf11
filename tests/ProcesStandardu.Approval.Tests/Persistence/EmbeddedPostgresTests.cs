using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Persistence;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("processtandardu-embedded-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_keeps_what_it_acknowledged_from_one_start_to_the_next()
    {
        await using (var server = await StartAsync())
        {
            await ExecuteAsync(server.ConnectionString, "create table vote (choice text); insert into vote values ('za')");
        }

        await using var again = await StartAsync();

        (await ScalarAsync(again.ConnectionString, "select choice from vote")).ShouldBe("za");
    }

    [Fact]
    public async Task A_new_database_sorts_and_folds_as_Polish_does_and_checks_its_pages()
    {
        await using var server = await StartAsync();

        var sorted = await ScalarAsync(
            server.ConnectionString, "select string_agg(w, ' ' order by w) from unnest(array['zz','ćma','cz','łan','lz','żar']) w");
        sorted.ShouldBe("cz ćma lz łan zz żar");
        (await ScalarAsync(server.ConnectionString, "select lower('ŁÓDŹ')")).ShouldBe("łódź");
        (await ScalarAsync(server.ConnectionString, "show data_checksums")).ShouldBe("on");
        (await ScalarAsync(server.ConnectionString, "show server_encoding")).ShouldBe("UTF8");
    }

    [Fact]
    public async Task The_server_listens_on_the_loopback_alone_and_asks_for_the_password()
    {
        await using var server = await StartAsync();
        var stranger = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong" }.ConnectionString;

        (await ScalarAsync(server.ConnectionString, "show listen_addresses")).ShouldBe("127.0.0.1");
        (await Should.ThrowAsync<PostgresException>(() => ScalarAsync(stranger, "select 'in'")))
            .SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task A_second_program_on_the_same_folder_is_told_so_in_Polish_and_English()
    {
        await using var first = await StartAsync();

        var refusal = await Should.ThrowAsync<DatabaseServerException>(() => StartAsync());

        refusal.Message.ShouldContain("jest już używany");
        refusal.Message.ShouldContain("already used by another running ProcesStandardu");
        refusal.Message.ShouldContain(_folder);
    }

    [Fact]
    public async Task A_server_left_by_a_killed_program_is_taken_over_with_everything_committed()
    {
        string left;
        await using (var owner = await StartAsync())
        {
            left = owner.ConnectionString;
        }

        // What kill -9 leaves: the server runs, and nobody holds the folder.
        var cluster = Path.Combine(_folder, "postgresql");
        var programs = await EmbeddedPostgresPrograms.PrepareAsync(PostgresFixture.Binaries, cluster, Cancellation);
        await programs.RunAsync(
            "pg_ctl", ["start", "-s", "-w", "-D", Path.Combine(cluster, "data"), "-l", Path.Combine(cluster, "start.log")], Cancellation);
        await ExecuteAsync(left, "create table vote (choice text); insert into vote values ('przeciw')");
        var postmaster = Postmaster();

        await using var next = await StartAsync();

        (await ScalarAsync(next.ConnectionString, "select choice from vote")).ShouldBe("przeciw");
        Postmaster().ShouldNotBe(postmaster);
    }

    [Fact]
    public async Task A_process_number_that_now_belongs_to_another_program_is_not_touched()
    {
        await using (await StartAsync())
        {
        }

        using var bystander = Process.Start("sleep", "600");
        var pid = Path.Combine(_folder, "postgresql", "data", "postmaster.pid");
        await File.WriteAllLinesAsync(
            pid,
            [bystander.Id.ToString(CultureInfo.InvariantCulture), "/somewhere", "1352098800", "5432", "", "127.0.0.1", "", "ready   "],
            Cancellation);
        try
        {
            await using var server = await StartAsync();

            (await ScalarAsync(server.ConnectionString, "select 'up'")).ShouldBe("up");
            bystander.HasExited.ShouldBeFalse();
        }
        finally
        {
            bystander.Kill();
        }
    }

    [Fact]
    public async Task A_cluster_whose_making_was_cut_short_is_made_again()
    {
        var draft = Directory.CreateDirectory(Path.Combine(_folder, "postgresql", "data.new")).FullName;
        await File.WriteAllTextAsync(Path.Combine(draft, "PG_VERSION"), "18", Cancellation);

        await using var server = await StartAsync();

        (await ScalarAsync(server.ConnectionString, "select 'up'")).ShouldBe("up");
        Directory.Exists(draft).ShouldBeFalse();
    }

    [Fact]
    public async Task Data_of_another_major_version_are_refused_by_name()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder, "postgresql", "data")).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "PG_VERSION"), "17\n", Cancellation);

        (await Should.ThrowAsync<DatabaseServerException>(() => StartAsync())).Message.ShouldContain("PostgreSQL 17");
    }

    [Fact]
    public async Task A_server_that_may_forget_commits_is_refused()
    {
        await using var careless = await EmbeddedPostgres.StartAsync(
            PostgresFixture.Binaries, _folder, ["synchronous_commit = off"], NullLogger.Instance, Cancellation);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:Database", careless.ConnectionString)])
            .Build();

        var refusal = await Should.ThrowAsync<DatabaseServerException>(
            () => DatabaseServer.StartAsync(configuration, _folder, NullLogger.Instance, Cancellation));

        refusal.Message.ShouldContain("synchronous_commit = off");
    }

    [Fact]
    public async Task Without_a_connection_string_the_product_gets_its_own_server_with_time_limits()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("PROCES_DATA", _folder)])
            .Build();

        await using var server = await DatabaseServer.StartAsync(
            configuration, AppContext.BaseDirectory, NullLogger.Instance, Cancellation);

        var limits = await ScalarAsync(
            server.ConnectionString,
            """
            select string_agg(current_setting(n), ' ' order by n) from unnest(array[
              'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout']) n
            """);
        limits.ShouldBe("15s 5s 5s 30s");
        (await ScalarAsync(ConnectionPolicy.ApplyForMigration(server.ConnectionString), "show statement_timeout")).ShouldBe("0");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<EmbeddedPostgres> StartAsync() =>
        EmbeddedPostgres.StartAsync(PostgresFixture.Binaries, _folder, [], NullLogger.Instance, Cancellation);

    private int Postmaster() =>
        int.Parse(File.ReadLines(Path.Combine(_folder, "postgresql", "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<string?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync(Cancellation);
    }
}
