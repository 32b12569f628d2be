import Encoders
import Foundation
import KeyEvents
import Records
import TestSupport
import Testing
import Video

/// Selections that measure the motion for the built-in describer in their own pass, beside
/// selections and motion in passes of their own.
@Suite("Motion in the selection's pass")
struct MotionInOnePassTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func clip(_ frameRate: Int, seconds: Double = 6) throws -> String {
    let scene = MovingScene(width: 96, height: 72)
    let path = folder.file("clip\(frameRate).mp4").path
    let writer = try VideoWriter(path: path, width: 96, height: 72, frameRate: frameRate)
    for place in 0..<Int(seconds * Double(frameRate)) {
      let time = Double(place) / Double(frameRate)
      let shakes = (3..<4).contains(time)
      let square = MovingScene.Square(
        x: 60 + (shakes ? 5 * sin(time * 19) : 0), y: 20 + (shakes ? 5 * cos(time * 23) : 0),
        side: 16)
      try writer.append(
        RGBImage(
          width: 96, height: 72,
          pixels: scene.pixels(
            [.init(x: 5 + 5 * time, y: 45, side: 12), square], noise: 1.5, frame: place)))
    }
    try writer.finish()
    return path
  }

  private func select(_ path: String, span: Range<Double>?, frames: Int, measuresMotion: Bool)
    throws -> KeyEventSelection
  {
    try KeyEventSelector.select(
      from: IndexedVideo(path: path), span: span, options: SelectionOptions(frames: frames),
      scorer: NoveltyScorer(), measuresMotion: measuresMotion)
  }

  private func motion(_ path: String, span: Range<Double>?) throws -> [MotionSample] {
    guard let span else { return try VideoMotion.samples(of: path) }
    return try VideoMotion.samples(of: span, in: FrameIndex(path: path))
  }

  /// Expects the same selection with and without the motion, and the motion of its own pass.
  ///
  /// - Returns: the passes of the selection that measured the motion, without that of the
  ///   chosen frames; nil if it measured none.
  private func equalsSeparate(_ path: String, span: Range<Double>? = nil, frames: Int = 5)
    async throws -> Int?
  {
    var together: KeyEventSelection?
    let passes = try await DecodePasses.over(path) {
      together = try select(path, span: span, frames: frames, measuresMotion: true)
    }
    let apart = try select(path, span: span, frames: frames, measuresMotion: false)
    #expect(apart.motion == nil)
    #expect(try JSONRecord.encode(together?.record) == JSONRecord.encode(apart.record))
    #expect(together?.frames.map(\.image) == apart.frames.map(\.image))
    #expect(together?.frames.map(\.timestampSeconds) == apart.frames.map(\.timestampSeconds))
    guard let measured = together?.motion else { return nil }
    #expect(try measured == motion(path, span: span))
    return passes.count - 1
  }

  @Test("one pass gives the selection and the motion", arguments: [4, 10, 12, 16, 20, 24, 25, 30])
  func whole(frameRate: Int) async throws {
    let path = try clip(frameRate)
    #expect(try await equalsSeparate(path) == 1)
    #expect(try await equalsSeparate(path, span: 1..<4.5) == 1)
    #expect(try await equalsSeparate(path, span: 3..<100) == 1)
  }

  @Test("also where every frame is a candidate")
  func allFrames() async throws {
    #expect(try await equalsSeparate(clip(12, seconds: 2), frames: 100) == 1)
    // Uneven times leave too few candidates at the usual rate.
    let uneven = Golden.url("variable-rate.mp4", in: "../VideoTests/Fixtures").path
    #expect(try await equalsSeparate(uneven, frames: 9) == 1)
  }

  @Test(
    "also in every container and coding that the video room is tested with",
    arguments: [
      "animated.gif", "b-frames.mp4", "h264.mkv", "late-start.ts", "mpeg4.avi",
      "no-timestamps.h264", "odd-size.webm", "ten-bit.mp4", "turned-90.mp4", "two-sizes.h264",
      "variable-rate.mp4",
    ])
  func fixtures(name: String) async throws {
    let path = Golden.url(name, in: "../VideoTests/Fixtures").path
    // The raw streams have no times, so that a second scan takes every frame, as it does
    // without the motion.
    #expect(try await equalsSeparate(path) == (name.hasSuffix(".h264") ? 2 : 1))
    #expect(try await equalsSeparate(path, span: 0.2..<0.7, frames: 2) != nil)
    #expect(try await equalsSeparate(path, span: 0.3..<9, frames: 2) != nil)
  }

  @Test("also for a folder of images, of which one is damaged")
  func imageFolder() async throws {
    let images = folder.file("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    let reader = try VideoReader(path: clip(10))
    while let frame = try reader.nextFrame() {
      try JPEGCodec.encode(frame.image).write(
        to: images.appendingPathComponent("\(frame.frameIndex).jpg"))
    }
    #expect(try await equalsSeparate(images.path) == 1)
    try Data("no image".utf8).write(to: images.appendingPathComponent("7.jpg"))
    // The whole folder's motion comes from its own pass: the places are others.
    #expect(try await equalsSeparate(images.path) == 2)
  }

  @Test("damaged files give the same selection and the same motion as in separate passes")
  func damaged() async throws {
    let original = try Data(contentsOf: URL(fileURLWithPath: clip(25)))
    let path = folder.file("damaged.mp4").path
    var generator = SeededGenerator(seed: 3)
    var readable = 0
    for round in 0..<24 {
      var bytes = original
      for _ in 0...round % 4 {
        let place = Int.random(in: bytes.count / 20..<bytes.count * 9 / 10, using: &generator)
        bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
      }
      try bytes.write(to: URL(fileURLWithPath: path))
      guard (try? select(path, span: nil, frames: 5, measuresMotion: false)) != nil else {
        continue
      }
      readable += 1
      _ = try await equalsSeparate(path)
      _ = try await equalsSeparate(path, span: 1..<3)
    }
    #expect(readable > 8)
    let cut = original.prefix(original.count * 2 / 3)
    try cut.write(to: URL(fileURLWithPath: path))
    if (try? select(path, span: nil, frames: 5, measuresMotion: false)) != nil {
      _ = try await equalsSeparate(path)
    }
  }

  @Test("a scorer of another kind measures no motion")
  func otherScorer() throws {
    struct Constant: RelevanceScorer {
      final class Scoring: RelevanceScoring {
        var count = 0
        func observe(_ frame: VideoFrame, isCandidate: Bool) { count += isCandidate ? 1 : 0 }
        func finish() -> [CandidateRelevance] { (0..<count).map { _ in .init(value: 1) } }
      }
      var identity: ScorerIdentity { ScorerIdentity(kind: "test", model: "constant") }
      var queries: [String] { [] }
      var preferredScaling: VideoScaling { .native }
      var observationsPerSecond: Double { 0 }
      func begin(_ info: VideoInfo) -> any RelevanceScoring { Scoring() }
    }
    let selection = try KeyEventSelector.select(
      from: IndexedVideo(path: clip(10)), scorer: Constant(), measuresMotion: true)
    #expect(selection.motion == nil && selection.frames.count == 8)
  }
}
