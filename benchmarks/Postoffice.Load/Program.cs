using System.Globalization;
using Postoffice.Load;
using Postoffice.Load.Pages;
using Postoffice.Load.PubSub;
using Postoffice.Load.Reports;
using Postoffice.Load.Servers;
using Postoffice.Load.Steps;

switch (args)
{
    case ["receiver", var port]:
        await ReceiverServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["bare", var port]:
        await BareServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["pages", .. var rest]:
        return await PageRun.RunAsync(rest);
    case ["pubsub", .. var rest]:
        return await PubSubRun.RunAsync(rest);
    case ["-h" or "--help"]:
        Console.WriteLine(LoadOptions.Usage);
        return 0;
}

LoadOptions options;
try
{
    options = LoadOptions.Parse(args);
}
catch (FormatException exception)
{
    Console.Error.WriteLine($"{exception.Message}\n\n{LoadOptions.Usage}");
    return 2;
}

var report = await LoadRun.RunAsync(options);
Console.WriteLine(report.ToText());
if (options.WritesFile)
{
    Console.WriteLine($"Written to {ReportFile.Write(report.ToText(), options.Name)}");
}

return report.Losses.Count == 0 ? 0 : 1;
