import ArgumentParser

/// `--split` and `--limit` of the commands that read the ledger.
struct LedgerOptions: ParsableArguments {
  @Option(help: "Only this split: train, test or all.")
  var split: String = "all"

  @Option(help: ArgumentHelp("At most so many, the first by id.", valueName: "n"))
  var limit: Int?

  /// The split to filter by; nil for all.
  var wantedSplit: String? { split == "all" ? nil : split }

  /// Whether everything is asked for.
  var isWhole: Bool { wantedSplit == nil && limit == nil }

  func validate() throws {
    guard ["train", "test", "all"].contains(split) else {
      throw ValidationError("--split must be train, test or all, found '\(split)'")
    }
    if let limit, limit < 1 {
      throw ValidationError("--limit must be at least 1, found \(limit)")
    }
  }
}
