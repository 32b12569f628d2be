import Records

/// Runs one blocking job an item on threads of its own, a bounded number at a
/// time: decoding and encoding must not sit on the cooperative pool.
public enum VideoWorkers {
  /// The threads that each video gets where `jobs` of them are worked on at once: one
  /// video alone gets all cores.
  public static func threads(jobs: Int, videos: Int) -> Int {
    Parallel.threadsPerItem(jobs: jobs, items: videos)
  }

  /// The results in the order of the items, whatever the width; nil for items
  /// that an interruption kept from beginning.
  ///
  /// - Parameters:
  ///   - jobs: how many threads.
  ///   - body: the work on one item; it catches its own failures.
  public static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, until interruption: Interruption,
    _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result?] {
    Parallel.map(items, jobs: jobs, until: { interruption.isDraining }, body)
  }

  /// As many as there are cores.
  public static var defaultJobs: Int { Parallel.cores }
}
