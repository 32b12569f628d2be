import Dispatch
import Encoders
import Foundation
import Records
import Synchronization
import Tensors
import TestSupport
import Testing
import Video

@Suite(.blocking) struct FrameEmbedderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A picture as its mean brightness and its first sample; counts its pictures.
  final class Counting: ImageEncoder {
    let pictures = Mutex(0)
    let weights: String?

    init(weights: String? = "w") { self.weights = weights }

    var identity: EncoderIdentity {
      EncoderIdentity(kind: "test", model: "counting", weightsHash: weights, dimension: 2)
    }
    func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
      pictures.withLock { $0 += images.count }
      return Tensor(
        shape: [images.count, 2],
        scalars: images.flatMap { image in
          let sum = image.pixels.reduce(0) { $0 + Int($1) }
          return [Float(sum) / Float(image.pixels.count), Float(image.pixels[0])]
        })
    }
  }

  private func embed(
    _ images: [RGBImage], with encoder: Counting, cache: EmbeddingCache? = nil,
    skipping: StaticFrameRule? = nil, every seconds: Double = 1
  ) throws -> (embeddings: [[Float]], counts: EncodingCounts) {
    let embedder = FrameEmbedder(
      encoder: encoder, encoding: FrameEncoding(batchSize: 4, cache: cache, skipping: skipping))
    for (place, image) in images.enumerated() {
      try embedder.append(image, at: Double(place) * seconds)
    }
    return (try embedder.finish(), embedder.counts)
  }

  private func flat(_ level: Int) -> RGBImage {
    RGBImage(width: 64, height: 48, red: UInt8(level), green: UInt8(level), blue: UInt8(level))
  }

  /// Frames of a still scene with sensor noise; in those of `event` a square moves.
  private func scene(frames: Int, event: Range<Int>) -> [RGBImage] {
    let scene = MovingScene(width: 160, height: 120)
    return (0..<frames).map { frame in
      let squares =
        event.contains(frame)
        ? [MovingScene.Square(x: Double(10 + 12 * (frame - event.lowerBound)), y: 50, side: 24)]
        : []
      return RGBImage(
        width: 160, height: 120, pixels: scene.pixels(squares, noise: 1, frame: frame))
    }
  }

  @Test("without cache and rule every frame is encoded, in order, whatever the batches")
  func everyFrameIsEncoded() throws {
    let encoder = Counting()
    let result = try embed((0..<10).map { flat($0 * 10) }, with: encoder)
    #expect(result.embeddings.map { $0[0] } == (0..<10).map { Float($0 * 10) })
    #expect(result.counts == EncodingCounts(encoded: 10))
  }

  /// Encodes only once it is let.
  final class Held: ImageEncoder {
    struct NotLet: Error {}
    let go = DispatchSemaphore(value: 0)

    var identity: EncoderIdentity {
      EncoderIdentity(kind: "test", model: "held", weightsHash: nil, dimension: 1)
    }
    func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
      guard go.wait(timeout: .now() + 100) == .success else { throw NotLet() }
      return Tensor(shape: [images.count, 1], scalars: images.map { Float($0.pixels[0]) })
    }
  }

  @Test("frames are taken while a batch is encoded; a second full batch waits for the first")
  func framesComeMeanwhile() throws {
    let encoder = Held()
    let embedder = FrameEmbedder(encoder: encoder, encoding: FrameEncoding(batchSize: 4))
    // Were the first batch waited for, nobody would let it go.
    for level in 0..<7 { try embedder.append(flat(level), at: Double(level)) }
    encoder.go.signal()
    try embedder.append(flat(7), at: 7)
    encoder.go.signal()
    #expect(try embedder.finish() == (0..<8).map { [Float($0)] })
  }

  @Test("what the encoder throws comes out, at the latest at the end")
  func faultsComeOut() throws {
    let embedder = FrameEmbedder(encoder: Failing(), encoding: FrameEncoding(batchSize: 4))
    for level in 0..<4 { try embedder.append(flat(level), at: Double(level)) }
    #expect(throws: Failing.Fault.self) { try embedder.finish() }
    #expect(throws: Failing.Fault.self) { try embedder.append(flat(4), at: 4) }
  }

  struct Failing: ImageEncoder {
    struct Fault: Error {}
    var identity: EncoderIdentity {
      EncoderIdentity(kind: "test", model: "failing", weightsHash: nil, dimension: 1)
    }
    func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> { throw Fault() }
  }

  @Test("a second pass over the same pixels encodes nothing, in another process too")
  func theCacheAnswersTheSecondTime() throws {
    let images = (0..<10).map { flat($0 * 10) }
    let first = Counting()
    let before = try embed(images, with: first, cache: EmbeddingCache(folder: folder.url))
    #expect(before.counts == EncodingCounts(encoded: 10))
    let second = Counting()
    let after = try embed(images, with: second, cache: EmbeddingCache(folder: folder.url))
    #expect(after.counts == EncodingCounts(cached: 10))
    #expect(second.pictures.withLock { $0 } == 0)
    #expect(after.embeddings == before.embeddings)
  }

  @Test("other weights, other pixels and unknown weights are never answered")
  func theKeyIsTheContent() throws {
    let cache = EmbeddingCache(folder: folder.url)
    _ = try embed([flat(10)], with: Counting(), cache: cache)
    #expect(try embed([flat(10)], with: Counting(weights: "v"), cache: cache).counts.cached == 0)
    #expect(try embed([flat(11)], with: Counting(), cache: cache).counts.cached == 0)
    for _ in 0..<2 {
      #expect(try embed([flat(10)], with: Counting(weights: nil), cache: cache).counts.cached == 0)
    }
  }

  @Test("a still scene with one event needs few encodings, and the event is not missed")
  func aStillSceneIsEncodedSeldom() throws {
    let images = scene(frames: 60, event: 30..<36)
    let full = try embed(images, with: Counting())
    let skipped = try embed(images, with: Counting(), skipping: StaticFrameRule())
    #expect(skipped.counts.encoded <= 16, "\(skipped.counts)")
    #expect(skipped.counts.encoded + skipped.counts.reused == 60)
    // The frame that differs most from the scene is the same, to a second.
    func peak(_ rows: [[Float]]) -> Int {
      rows.indices.max { abs(rows[$0][0] - rows[0][0]) < abs(rows[$1][0] - rows[0][0]) } ?? 0
    }
    #expect(abs(peak(full.embeddings) - peak(skipped.embeddings)) <= 1)
    #expect((30..<36).contains(peak(skipped.embeddings)))
  }

  @Test("a slow drift is seen, because frames are compared with the last one encoded")
  func aSlowDriftIsSeen() throws {
    // One step of brightness a frame never passes the bound by itself.
    let images = (0..<60).map { flat(100 + $0) }
    let rule = StaticFrameRule(greatestBlockDifference: 6, forcedSeconds: 1000)
    let result = try embed(images, with: Counting(), skipping: rule)
    #expect(result.counts.encoded == 9)
    for (row, image) in zip(result.embeddings, images) {
      #expect(abs(row[0] - Float(image.pixels[0])) <= 6)
    }
  }

  @Test("a frame is encoded every few seconds even where nothing changes")
  func aFrameIsForcedNowAndThen() throws {
    let images = [RGBImage](repeating: flat(7), count: 25)
    let rule = StaticFrameRule(forcedSeconds: 5)
    #expect(try embed(images, with: Counting(), skipping: rule).counts.encoded == 5)
  }

  @Test("the bound is on the worst block: a small change is not averaged away")
  func theWorstBlockCounts() {
    let still = flat(100)
    var changed = still
    for y in 40..<48 {
      for x in 56..<64 { changed.pixels[(y * 64 + x) * 3] = 220 }
    }
    // A quarter of one block, one channel of three: 120 / 12.
    #expect(StaticFrameRule.greatestBlockDifference(still, changed) == 10)
    #expect(
      StaticFrameRule.greatestBlockDifference(still, RGBImage(width: 63, height: 48)) == nil)
  }
}
