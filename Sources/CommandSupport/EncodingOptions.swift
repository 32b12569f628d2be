import ArgumentParser
import Encoders
import Foundation

/// `--cache`, `--no-cache`, `--skip-static`: which frames are not encoded.
public struct EncodingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of the embedding cache. (default: $XDG_CACHE_HOME/kess, else ~/.cache/kess)",
      valueName: "dir"))
  public var cache: String?

  @Flag(name: .customLong("no-cache"), help: "Neither read nor write the embedding cache.")
  public var withoutCache = false

  @Option(help: ArgumentHelp("The most megabytes that the cache keeps.", valueName: "MB"))
  public var cacheSize: Int = 512

  @Flag(
    inversion: .prefixedNo,
    help:
      "Give a frame the embedding of the last one encoded where nothing changed: see --static-bound (CLIP)."
  )
  public var skipStatic = false

  @Option(
    help: ArgumentHelp(
      "The greatest mean difference of a 16x16 block of the encoder's input, in steps of 255, at which nothing changed; every 10 s a frame is encoded whatever it shows.",
      valueName: "x"))
  public var staticBound: Double = StaticFrameRule().greatestBlockDifference

  public init() {}

  public func validate() throws {
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
  public func encoding() -> FrameEncoding {
    let folder = cache.map { URL(fileURLWithPath: $0) } ?? EmbeddingCache.defaultFolder()
    return FrameEncoding(
      cache: withoutCache ? nil : EmbeddingCache(folder: folder, maximumBytes: cacheSize << 20),
      skipping: skipStatic ? StaticFrameRule(greatestBlockDifference: staticBound) : nil)
  }
}
