using Npgsql;
using ProcesStandardu.Approval.Persistence;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Persistence;

public sealed class ConnectionPolicyTests
{
    [Fact]
    public void What_the_operator_wrote_stands_and_the_rest_is_ours()
    {
        var policy = new NpgsqlConnectionStringBuilder(
            ConnectionPolicy.Apply("Host=db;MaxPoolSize=7;Options=-c statement_timeout=9s"));

        policy.MaxPoolSize.ShouldBe(7);
        policy.Options.ShouldBe("-c statement_timeout=9s");
        policy.NoResetOnClose.ShouldBeTrue();
        policy.MaxAutoPrepare.ShouldBe(100);
        policy.TcpKeepAlive.ShouldBeTrue();
        policy.TargetSessionAttributes.ShouldBeNull();
    }

    [Fact]
    public void Of_several_servers_only_the_primary_is_used()
    {
        new NpgsqlConnectionStringBuilder(ConnectionPolicy.Apply("Host=a,b")).TargetSessionAttributes.ShouldBe("primary");
    }

    [Fact]
    public void Migrations_take_the_time_they_need_whoever_asked_first()
    {
        var web = ConnectionPolicy.Apply("Host=db");

        Options(web).ShouldContain("statement_timeout=5s");
        Options(ConnectionPolicy.ApplyForMigration(web)).ShouldContain("statement_timeout=0");

        static string Options(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Options!;
    }
}
