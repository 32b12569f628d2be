import ArgumentParser

/// Our side of the benchmarks in Benchmarks/: one measurement a subcommand,
/// printed as a table. Not installed.
@main
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measurements that Benchmarks/ sets beside other programs'.",
    subcommands: [
      CLIPCommand.self, SelectCoreCommand.self, DecodeCommand.self, TextCommand.self,
      TextCacheCommand.self, PeakCommand.self, TrainStepCommand.self, ProductsCommand.self,
    ])
}
