using System.CommandLine;
using Microsoft.AspNetCore.Connections;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// What the program can be asked to do: serve (also without a word), migrate, seed, quarantine, verify, verify-history. Everything else on the command line is
/// configuration, as ASP.NET Core reads it.
/// </summary>
public static class Verbs
{
    /// <summary>Does what the command line asks. 0 when it went well.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        string[] rest = args is ["serve" or "migrate" or "seed" or "quarantine", ..] ? args[1..] : args;
        var root = new RootCommand("ProcesStandardu");
        Add("serve", "Migrates, imports what is missing and serves the pages. The default.", _ => ProductHost.ServeAsync(rest));
        Add("migrate", "Brings the database to the schema of this build, then ends.", stop => ProductHost.MigrateAsync(rest, stop));
        Add(
            "seed",
            "Migrates, then imports the programme's data; what is there already stays. Then ends.",
            stop => ProductHost.SeedAsync(rest, stop));
        Add(
            "quarantine",
            "Says that the data come from a backup: no mail leaves and nothing fires until an administrator decides on /stan.",
            stop => ProductHost.QuarantineAsync(rest, stop));
        AddVerify();
        AddVerifyHistory();
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction((_, _) => TellAsync(() => ProductHost.ServeAsync(rest)));

        // The host ends itself in order and in its own time; an exception is the host's to show, not the parser's.
        return root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }).InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });

        void AddVerify()
        {
            var file = new Argument<string?>("file") { Arity = ArgumentArity.ZeroOrOne };
            var fingerprint = new Option<string?>("--odcisk", "--fingerprint");
            var command = new Command(
                "verify",
                "Checks a resolution's file, without database and network. 0: all agrees, 1: something does not, 2: it cannot be checked.")
            {
                file, fingerprint,
            };
            command.SetAction(parsed => VerifyEvidence.Run(parsed.GetValue(file), parsed.GetValue(fingerprint), Console.Out));
            root.Add(command);
        }

        void AddVerifyHistory()
        {
            var anchors = new Option<string?>("--anchors");
            var command = new Command(
                "verify-history",
                "Checks every entry of the history and every seal from outside the database. 0: all agrees, 1: something does not, 2: it cannot be checked.")
            {
                anchors,
            };
            command.TreatUnmatchedTokensAsErrors = false;
            command.SetAction(async (parsed, stop) =>
            {
                var end = VerifyEvidence.CannotCheck;
                var told = await TellAsync(async () =>
                    end = await ProductHost.VerifyHistoryAsync([.. parsed.UnmatchedTokens], parsed.GetValue(anchors), Console.Out, stop));
                return told == 0 ? end : VerifyEvidence.CannotCheck;
            });
            root.Add(command);
        }

        void Add(string verb, string meaning, Func<CancellationToken, Task> act)
        {
            var command = new Command(verb, meaning) { TreatUnmatchedTokensAsErrors = false };
            command.SetAction((_, stop) => TellAsync(() => act(stop)));
            root.Add(command);
        }
    }

    /// <summary>What the person at the console can put right is told in a sentence, not in a stack trace.</summary>
    private static async Task<int> TellAsync(Func<Task> act)
    {
        try
        {
            await act();
            return 0;
        }
        catch (DatabaseServerException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync(HostTexts.Say("AddressIsInUse", taken.Message));
            return 1;
        }
    }
}
