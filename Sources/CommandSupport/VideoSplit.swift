import ArgumentParser

/// `--split` on a command line.
package enum VideoSplit: String, ExpressibleByArgument, CaseIterable, Sendable {
  case train, test, all

  /// The split to filter by; nil for all.
  package var name: String? { self == .all ? nil : rawValue }
}
