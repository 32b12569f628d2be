import ArgumentParser

/// `--split` on a command line.
public enum VideoSplit: String, ExpressibleByArgument, CaseIterable, Sendable {
  case train, test, all

  /// The split to filter by; nil for all.
  public var name: String? { self == .all ? nil : rawValue }
}
