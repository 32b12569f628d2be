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
      Layout.disorder, Layout.paths, Layout.boundaries, Layout.directions, Layout.rhythm,
      Layout.activity, Layout.statistics, Layout.profiles, Layout.light, Layout.recording,
    ]
    #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == Layout.dimension)
    #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(encoder.identity.dimension == 512 && encoder.identity.model == "classical-512-v2")
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
    #expect(values[SnippetDescriptorLayout.disorder].allSatisfy { $0 == 0 })
    #expect(values[SnippetDescriptorLayout.activity].allSatisfy { $0 < 0.5 })
    // The darkening is in the light part.
    let light = SnippetDescriptorLayout.light.lowerBound
    #expect(values[light + 1] > 0.5 && values[light] == 0)
  }

  private func mean(_ values: [Float], _ part: Range<Int>) -> Float {
    values[part].reduce(0, +) / Float(part.count)
  }

  @Test func `what shakes is more disorderly than what walks`() throws {
    typealias Layout = SnippetDescriptorLayout
    for seed in [1, 3, 7] as [UInt64] {
      let walk = try snippet(seed: seed, shaking: false)
      let shake = try snippet(seed: seed, shaking: true)
      // Entropy of the directions in windows of 3 x 3 blocks, and detours against paths.
      for place in [Layout.disorder.lowerBound, Layout.paths.lowerBound + 2] {
        #expect(shake[place] > walk[place] + 0.1)
      }
    }
  }

  /// Frames of the shaking squares, mirrored or not.
  private func shakingFrames(mirrored: Bool = false, gain: Double = 1) -> [RGBImage] {
    (0..<16).map { place in
      let time = Double(place)
      var image = picture(
        MovingScene(seed: 4),
        [
          .init(x: 60 + 5 * sin(time * 2), y: 40 + 4 * cos(time * 2.6), side: 24),
          .init(x: 30 + 2 * time, y: 80, side: 20),
        ], gain: gain)
      guard mirrored else { return image }
      let (width, pixels) = (image.width, image.pixels)
      for place in 0..<(width * image.height) {
        let other = place / width * width + width - 1 - place % width
        for channel in 0..<3 { image.pixels[place * 3 + channel] = pixels[other * 3 + channel] }
      }
      return image
    }
  }

  @Test(arguments: [
    SnippetDescriptorLayout.disorder, SnippetDescriptorLayout.paths,
    SnippetDescriptorLayout.directions, SnippetDescriptorLayout.rhythm,
  ])
  func `a mirror image and another exposure move nearly alike`(part: Range<Int>) throws {
    let values = try encoder.encodeSnippet(shakingFrames(), previous: nil)
    let mirrored = try encoder.encodeSnippet(shakingFrames(mirrored: true), previous: nil)
    let darker = try encoder.encodeSnippet(shakingFrames(gain: 0.7), previous: nil)
    #expect(cosine(Array(values[part]), Array(mirrored[part])) > 0.97)
    #expect(cosine(Array(values[part]), Array(darker[part])) > 0.97)
  }

  @Test func `of a snippet with a cut the longest shot alone is described`() throws {
    var other = RGBImage(width: 160, height: 120)
    for place in 0..<160 * 120 where (place % 160 / 20 + place / 160 / 20) % 2 == 0 {
      for channel in 0..<3 { other.pixels[place * 3 + channel] = 240 }
    }
    let shot = Array(shakingFrames().dropFirst(5))
    var alone = try encoder.encodeSnippet(shot, previous: nil)
    var cut = try encoder.encodeSnippet(
      [RGBImage](repeating: other, count: 5) + shot, previous: nil)
    let share = SnippetDescriptorLayout.recording.lowerBound
    #expect(alone[share] == 1 && cut[share] == 11.0 / 16)
    (alone[share], cut[share]) = (0, 0)
    #expect(alone == cut)
    // The last frame of another shot before the snippet changes nothing else either.
    var after = try encoder.encodeSnippet(shot, previous: other)
    after[share] = 0
    #expect(after == alone)
  }

  @Test func `threads give the same numbers`() async throws {
    let frames = shakingFrames()
    let expected = try encoder.encodeSnippet(frames, previous: nil)
    let all = try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<4 {
        group.addTask { try BuiltInSnippetEncoder().encodeSnippet(frames, previous: nil) }
      }
      return try await group.reduce(into: [[Float]]()) { $0.append($1) }
    }
    #expect(all.allSatisfy { $0 == expected })
  }

  @Test func `frames of twice the size give nearly the same numbers`() throws {
    let small = try snippet(seed: 2, shaking: true)
    let large = try snippet(seed: 2, shaking: true, size: (320, 240))
    #expect(cosine(small, large) > 0.9)
  }

  @Test func `one frame, a few pixels, black, white and 100 x 2 frames are snippets too`() throws {
    let pictures = [
      RGBImage(width: 5, height: 3, red: 9, green: 9, blue: 9), RGBImage(width: 160, height: 120),
      RGBImage(width: 160, height: 120, red: 255, green: 255, blue: 255),
      RGBImage(width: 100, height: 2, red: 200),
    ]
    for picture in pictures {
      for count in [1, 2, 16] {
        let values = try encoder.encodeSnippet(
          [RGBImage](repeating: picture, count: count), previous: nil)
        #expect(values.count == 512 && values.allSatisfy { $0.isFinite && abs($0) < 6 })
        #expect(mean(values, SnippetDescriptorLayout.disorder) == 0)
      }
    }
  }
}
