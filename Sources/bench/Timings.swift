/// Seconds of one thing, measured several times.
struct Timings {
  private let sorted: [Double]

  /// - Precondition: at least one.
  init(_ seconds: [Double]) {
    precondition(!seconds.isEmpty, "no measurements")
    sorted = seconds.sorted()
  }

  /// Measures `body`, at least once.
  init(repeats: Int, _ body: () throws -> Void) rethrows {
    self.init(
      try (0..<max(1, repeats)).map { _ in
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
      })
  }

  var median: Double { sorted[sorted.count / 2] }
  var least: Double { sorted[0] }
}
