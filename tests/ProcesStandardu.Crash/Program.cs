using ProcesStandardu.Crash;

return args switch
{
    ["node", var settings] => await CrashNode.RunAsync(settings),
    ["run", .. var counts] => await CrashRun.MainAsync(counts),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("ProcesStandardu.Crash run [kills per place, default 5] [voters, default 15] [seed, default 1]");
    return 2;
}
