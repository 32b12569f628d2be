import Foundation

/// Seconds of one thing, measured several times.
struct Timings {
  /// What counts as a second.
  enum Clock {
    case wall
    /// Of all the process's threads together: what others do on the machine counts little.
    case processor

    var seconds: Double {
      var time = timespec()
      clock_gettime(self == .wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
  }

  private let sorted: [Double]

  /// - Precondition: at least one.
  init(_ seconds: [Double]) {
    precondition(!seconds.isEmpty, "no measurements")
    sorted = seconds.sorted()
  }

  /// Measures `body`, at least once.
  init(repeats: Int, clock: Clock = .wall, _ body: () throws -> Void) rethrows {
    self.init(
      try (0..<max(1, repeats)).map { _ in
        let start = clock.seconds
        try body()
        return clock.seconds - start
      })
  }

  var median: Double { sorted[sorted.count / 2] }
  var least: Double { sorted[0] }
}
