using ProcesStandardu.Crash;
using ProcesStandardu.Crash.Chaos;

return args switch
{
    ["node", var settings] => await CrashNode.RunAsync(settings),
    ["run", .. var counts] => await CrashRun.MainAsync(counts),
    ["chaos", .. var rest] => await ChaosRun.FaultsAsync(rest),
    ["soak", .. var rest] => await ChaosRun.SoakAsync(rest),
    ["scale", .. var rest] => await ScaleRun.MainAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("ProcesStandardu.Crash run [kills per place, default 5] [voters, default 15] [seed, default 1]");
    Console.Error.WriteLine("ProcesStandardu.Crash chaos [seconds of faults, default 240] [seed, default 1]");
    Console.Error.WriteLine("ProcesStandardu.Crash soak [seconds, default 3600] [seed, default 1]");
    Console.Error.WriteLine("ProcesStandardu.Crash scale [seconds of each measurement, default 8] [rows, default 1000000]");
    return 2;
}
