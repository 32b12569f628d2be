import ArgumentParser

/// `--limit`.
package struct LimitOption: ParsableArguments {
  @Option(
    name: .customLong("limit"),
    help: ArgumentHelp("At most this many videos, the first ones.", valueName: "n"))
  package var most: Int?

  package init() {}

  package func validate() throws {
    if let most, most < 1 {
      throw ValidationError("--limit must be at least 1, found \(most)")
    }
  }
}
