import Encoders
import Foundation
import Records
import Tensors
import TestSupport
import Testing
import Video

@Suite struct SnippetFeaturesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A video whose frame i has about the brightness 5 * i.
  private func video(frames: Int) throws -> String {
    let path = folder.file("\(frames).mp4").path
    let writer = try VideoWriter(path: path, width: 64, height: 48, frameRate: 30, quality: 10)
    for index in 0..<frames {
      let level = UInt8(5 * index)
      try writer.append(RGBImage(width: 64, height: 48, red: level, green: level, blue: level))
    }
    try writer.finish()
    return path
  }

  /// The brightness of each picture as its embedding.
  private struct Brightness: ImageEncoder {
    var identity: EncoderIdentity {
      EncoderIdentity(kind: "test", model: "brightness", dimension: 1)
    }
    func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
      Tensor(
        shape: [images.count, 1],
        scalars: images.map { Float($0.pixels[$0.pixels.count / 2]) })
    }
  }

  /// Remembers nothing but what it was given: frame count and the frame before.
  private struct Witness: SnippetEncoder {
    var identity: EncoderIdentity { EncoderIdentity(kind: "test", model: "witness", dimension: 3) }
    func encodeSnippet(_ frames: [RGBImage], previous: RGBImage?) throws -> [Float] {
      [Float(frames.count), Float(frames[0].pixels[0]), previous.map { Float($0.pixels[0]) } ?? -1]
    }
  }

  @Test(arguments: [
    (CLIPSnippetEncoder.Pooling.mean16, [37.5, 117.5]), (.first, [0.0, 80.0]),
    (.centre, [40.0, 120.0]),
  ])
  func eachPoolingTakesItsFrames(pooling: CLIPSnippetEncoder.Pooling, expected: [Double]) throws {
    let encoder = CLIPSnippetEncoder(model: Brightness(), pooling: pooling)
    let rows = try SnippetFeatures.extract(path: try video(frames: 40), encoder: encoder)
    #expect(rows.shape == [2, 1])
    for (value, wanted) in zip(rows.scalars, expected) { #expect(abs(Double(value) - wanted) <= 3) }
    #expect(encoder.identity.model == "brightness+\(pooling.rawValue)")
  }

  @Test func framesBeyondTheLastFullSnippetAreCountedAndDropped() throws {
    let features = try SnippetFeatures.read(path: try video(frames: 47), encoder: Witness())
    #expect(features.rows.shape == [2, 3])
    #expect(features.decodedFrameCount == 47)
    #expect(
      try SnippetFeatures.read(path: try video(frames: 48), encoder: Witness()).rows.shape == [
        3, 3,
      ])
  }

  @Test func aVideoShorterThanASnippetIsFilledUpWithItsLastFrame() throws {
    let path = try video(frames: 5)
    let witness = try SnippetFeatures.read(path: path, encoder: Witness())
    #expect(witness.rows.scalars[0] == 16 && witness.decodedFrameCount == 5)
    let encoder = CLIPSnippetEncoder(model: Brightness(), pooling: .centre)
    let rows = try SnippetFeatures.extract(path: path, encoder: encoder)
    #expect(abs(rows.scalars[0] - 20) <= 3)
  }

  @Test func theFrameBeforeASnippetIsHandedOn() throws {
    let rows = try SnippetFeatures.extract(path: try video(frames: 32), encoder: Witness())
    #expect(rows.scalars[2] == -1)
    #expect(abs(rows.scalars[5] - 75) <= 3 && abs(rows.scalars[4] - 80) <= 3)
  }

  @Test func progressCanEndTheReading() throws {
    struct Stop: Error {}
    var shares: [Double] = []
    #expect(throws: Stop.self) {
      try SnippetFeatures.read(path: try video(frames: 48), encoder: Witness()) {
        shares.append($0)
        if shares.count == 2 { throw Stop() }
      }
    }
    // The last frame of each snippet begins at that share.
    #expect(shares.map { ($0 * 48).rounded() } == [15, 31])
  }

  @Test func aRealModelEncodesAVideo() throws {
    let model = try CLIPModel(directory: Golden.url("clip"))
    let rows = try SnippetFeatures.extract(
      path: try video(frames: 33), encoder: CLIPSnippetEncoder(model: model))
    #expect(rows.shape == [2, 24])
    #expect(rows.scalars.allSatisfy { $0.isFinite })
  }
}
