using ProcesStandardu.Web.Host;

return await Verbs.RunAsync(args);

/// <summary>The program; public so that tests can host it.</summary>
public partial class Program;
