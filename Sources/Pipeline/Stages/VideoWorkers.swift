import Records

/// Processes items in parallel on dedicated threads, because decoding and encoding block and
/// must not occupy the cooperative thread pool.
public enum VideoWorkers {
  /// The number of threads for each video when `jobs` videos are processed at once. A single
  /// video gets all cores.
  public static func threads(jobs: Int, videos: Int) -> Int {
    Parallel.threadsPerItem(jobs: jobs, items: videos)
  }

  /// Processes all items.
  ///
  /// - Parameters:
  ///   - jobs: the greatest number of threads.
  ///   - stop: no further item starts once it is requested.
  ///   - body: processes one item and handles its own failures.
  /// - Returns: the results in the order of the items; nil for items that a stop kept from
  ///   starting.
  public static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, until stop: StopSignal = StopSignal(),
    _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result?] {
    Parallel.map(items, jobs: jobs, until: { stop.isRequested }, body)
  }

  /// The number of cores.
  public static var defaultJobs: Int { Parallel.cores }
}
