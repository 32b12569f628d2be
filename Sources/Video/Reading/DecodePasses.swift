import Synchronization

/// Counts passes over videos for tests, which promise how often a video is decoded.
///
/// A `SparseFrames` run is a pass, and a `VideoReader` that is asked for more than
/// `firstFrames` frames. Opening a file for its header is none, nor are the few frames on
/// which a plan measures its rate.
package enum DecodePasses {
  static let firstFrames = 8
  private static let watched = Mutex<[String: [VideoScaling]]>([:])

  /// The passes over a video while `body` runs, by the sizes that they ask for. Passes of
  /// other threads count too.
  package static func over(_ path: String, during body: () async throws -> Void) async rethrows
    -> [VideoScaling]
  {
    watched.withLock { $0[path] = [] }
    defer { watched.withLock { _ = $0.removeValue(forKey: path) } }
    try await body()
    return watched.withLock { $0[path] ?? [] }
  }

  static func note(_ path: String, _ scaling: VideoScaling) {
    watched.withLock { $0[path]?.append(scaling) }
  }
}
