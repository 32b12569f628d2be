import ArgumentParser
import Encoders
import Foundation

/// `--cache`, `--no-cache`, `--skip-static`: which frames are not encoded.
package struct EncodingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of the embedding cache. (default: $XDG_CACHE_HOME/kess, else ~/.cache/kess)",
      valueName: "dir"))
  package var cache: String?

  @Flag(name: .customLong("no-cache"), help: "Neither read nor write the embedding cache.")
  package var withoutCache = false

  @Option(help: ArgumentHelp("The greatest size of the cache in megabytes.", valueName: "MB"))
  package var cacheSize: Int = 512

  @Flag(
    inversion: .prefixedNo,
    help:
      "Reuse the last embedding for a frame in which nothing changed (CLIP); see --static-bound."
  )
  package var skipStatic = false

  @Option(
    help: ArgumentHelp(
      "Nothing changed if no 16x16 block of the encoder's input differs by more than this on average, in steps of 255. Every 10 s a frame is encoded in any case.",
      valueName: "x"))
  package var staticBound: Double = StaticFrameRule().greatestBlockDifference

  package init() {}

  package func validate() throws {
    guard cacheSize >= 1 else {
      throw ValidationError("--cache-size must be at least 1, found \(cacheSize)")
    }
    guard (0...255).contains(staticBound) else {
      throw ValidationError("--static-bound must be from 0 to 255, found \(staticBound)")
    }
    guard cache == nil || !withoutCache else {
      throw ValidationError("--cache and --no-cache cannot be used together")
    }
  }

  /// How frames are encoded; the cache is shared by all scorers that get the result.
  package func encoding() -> FrameEncoding {
    let folder = cache.map { URL(fileURLWithPath: $0) } ?? EmbeddingCache.defaultFolder()
    return FrameEncoding(
      cache: withoutCache ? nil : EmbeddingCache(folder: folder, maximumBytes: cacheSize << 20),
      skipping: skipStatic ? StaticFrameRule(greatestBlockDifference: staticBound) : nil)
  }
}
