import ArgumentParser
import CommandSupport

/// `--split` and `--limit` of the commands that read the ledger.
struct LedgerOptions: ParsableArguments {
  @Option(help: "Only this split.")
  var split: VideoSplit = .all

  @OptionGroup var limit: LimitOption

  /// Whether everything is included.
  var isWhole: Bool { split == .all && limit.most == nil }
}
