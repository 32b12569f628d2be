import Encoders
import Foundation
import TestSupport
import Testing
import Video

@Suite struct BuiltInSnippetDescriptorTests {
  private let encoder = BuiltInSnippetEncoder()

  /// 16 frames of a square that walks, or of two that shake.
  private func snippet(seed: UInt64, shaking: Bool, size: (Int, Int) = (160, 120)) throws -> [Float]
  {
    let scene = MovingScene(width: size.0, height: size.1, seed: seed)
    let unit = Double(size.0) / 160
    let frames = (0..<17).map { place in
      let time = Double(place)
      let squares: [MovingScene.Square] =
        shaking
        ? [
          .init(
            x: (60 + 5 * sin(time * 2)) * unit, y: (40 + 4 * cos(time * 2.6)) * unit,
            side: 24 * unit),
          .init(
            x: (90 - 5 * sin(time * 2.2)) * unit, y: (44 + 4 * sin(time * 3)) * unit,
            side: 24 * unit),
        ] : [.init(x: (40 + 1.5 * time) * unit, y: 50 * unit, side: 24 * unit)]
      return picture(scene, squares, noise: 1.5, frame: place)
    }
    return try encoder.encodeSnippet(Array(frames.dropFirst()), previous: frames[0])
  }

  private func cosine(_ a: [Float], _ b: [Float]) -> Float {
    let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    return product
      / (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  @Test func `the layout's parts follow each other and fill 512 numbers`() {
    typealias Layout = SnippetDescriptorLayout
    let parts = [
      Layout.flow, Layout.change, Layout.gradients, Layout.activity, Layout.profiles,
      Layout.statistics, Layout.light, Layout.scene,
    ]
    #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == Layout.dimension)
    #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(encoder.identity.dimension == 512 && encoder.identity.model == "classical-512-v1")
  }

  @Test func `the same frames give the same 512 finite numbers of a common range`() throws {
    let values = try snippet(seed: 1, shaking: true)
    #expect(values.count == 512)
    #expect(values.allSatisfy { $0.isFinite && abs($0) < 6 })
    #expect(try values == snippet(seed: 1, shaking: true))
  }

  @Test func `the same motion in another place is nearer than another motion in the same place`()
    throws
  {
    let walk = try snippet(seed: 1, shaking: false)
    let shake = try snippet(seed: 1, shaking: true)
    #expect(try cosine(walk, snippet(seed: 5, shaking: false)) > cosine(walk, shake) + 0.1)
    #expect(try cosine(shake, snippet(seed: 5, shaking: true)) > cosine(walk, shake) + 0.1)
  }

  @Test func `a still scene with noise has no motion, and a step of light does not move it`() throws
  {
    let scene = MovingScene()
    let frames = (0..<16).map { picture(scene, gain: $0 < 8 ? 1 : 0.8, noise: 2, frame: $0) }
    let values = try encoder.encodeSnippet(frames, previous: nil)
    #expect(values[SnippetDescriptorLayout.flow].allSatisfy { $0 == 0 })
    #expect(values[SnippetDescriptorLayout.activity].allSatisfy { $0 < 0.5 })
    // The darkening is in the light part.
    #expect(values[464 + 1] > 0.5 && values[464] == 0)
  }

  @Test func `motion to the east is in the east bins of its cells`() throws {
    let values = try snippet(seed: 3, shaking: false)
    let flow = values[SnippetDescriptorLayout.flow]
    let east = stride(from: 0, to: 128, by: 8).map { flow[$0] }.reduce(0, +)
    let west = stride(from: 4, to: 128, by: 8).map { flow[$0] }.reduce(0, +)
    #expect(east > 5 * west)
  }

  @Test func `frames of twice the size give nearly the same numbers`() throws {
    let small = try snippet(seed: 2, shaking: true)
    let large = try snippet(seed: 2, shaking: true, size: (320, 240))
    #expect(cosine(small, large) > 0.9)
  }

  @Test func `one frame alone, and frames of a few pixels, are snippets too`() throws {
    let one = try encoder.encodeSnippet(
      [RGBImage(width: 5, height: 3, red: 9, green: 9, blue: 9)], previous: nil)
    #expect(one.count == 512 && one.allSatisfy(\.isFinite))
  }
}
