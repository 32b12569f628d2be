import Encoders
import Foundation
import TestSupport
import Testing
import Video

@Suite struct BuiltInMotionAnalyzerTests {
  private let scene = MovingScene()

  private func samples(_ count: Int, _ frame: (Int) -> RGBImage) -> [MotionSample] {
    var analyzer = MotionAnalyzer()
    return (0..<count).map { analyzer.observe(frame($0), at: Double($0) / 10) }
  }

  @Test func `two moving squares are two regions with their directions`() throws {
    let all = samples(12) { place in
      picture(
        scene,
        [
          .init(x: 10 + 2 * Double(place), y: 20, side: 30),
          .init(x: 120 - 3 * Double(place), y: 80, side: 24),
        ], noise: 1, frame: place)
    }
    let last = all[11]
    #expect(last.regions.count == 2)
    let upper = try #require(last.regions.min { $0.y < $1.y })
    let lower = try #require(last.regions.max { $0.y < $1.y })
    #expect(upper.dx > 1 && upper.dx < 2.6 && lower.dx < -2)
    #expect(!last.isCameraMoving)
    #expect(last.speed > 0 && last.topSpeed > last.speed)
  }

  @Test func `squares that shake have many directions, squares that walk and still ones have few`()
  {
    func entropies(_ squares: (Double) -> [MovingScene.Square]) -> [Float] {
      samples(20) { picture(scene, squares(Double($0)), noise: 1, frame: $0) }
        .dropFirst(8).map(\.directionEntropy)
    }
    let walking = entropies { [.init(x: 10 + 3 * $0, y: 20, side: 30)] }
    let shaking = entropies {
      [
        .init(x: 60 + 6 * sin($0 * 2), y: 40 + 5 * cos($0 * 2.6), side: 24),
        .init(x: 90 - 6 * sin($0 * 2.2), y: 44 + 5 * sin($0 * 3), side: 24),
      ]
    }
    let still = entropies { _ in [] }
    #expect(still.allSatisfy { $0 == 0 })
    #expect((shaking.min() ?? 0) > 2 * (walking.max() ?? 1))
    #expect(shaking.allSatisfy { $0 <= 1 })
  }

  @Test func `novelty rises with disorder and not with walking, around the moment itself`() {
    let all = samples(60) { place in
      let time = Double(place)
      let shakes = (30..<40).contains(place)
      return picture(
        scene,
        [
          .init(
            x: 40 + time + (shakes ? 6 * sin(time * 2) : 0),
            y: 44 + (shakes ? 5 * cos(time * 2.6) : 0), side: 24)
        ], noise: 1, frame: place)
    }
    let novelty = MotionNovelty.curve(of: all)
    let during = novelty[31..<39].reduce(0, +) / 8
    #expect(during > 1.5 * (novelty[10..<26].max() ?? 0))
    #expect(during > 1.5 * (novelty[45..<58].max() ?? 0))
    #expect(MotionNovelty.curve(of: []).isEmpty)
  }

  @Test func `a still scene with noise has neither speed nor regions`() {
    let all = samples(12) { picture(scene, noise: 3, frame: $0) }
    #expect(all.allSatisfy { $0.speed == 0 && $0.regions.isEmpty && $0.appearanceChange < 0.2 })
  }

  @Test func `a pan is the camera's and not the scene's`() {
    let all = samples(12) { picture(scene, shift: 2 * Double($0), noise: 1, frame: $0) }
    #expect(all.dropFirst().allSatisfy { $0.isCameraMoving })
    // 2 of 160 pixels, 10 times a second, to the left.
    #expect(all.dropFirst().allSatisfy { abs($0.cameraX + 0.125) < 0.02 })
    #expect(all.allSatisfy { $0.speed < 0.01 })
  }

  @Test func `a cut is found, a flash and a lamp are none`() {
    let other = MovingScene(seed: 7)
    let all = samples(30) { place in
      switch place {
      case 8: picture(scene, gain: 1.6, noise: 1, frame: place)
      case 14..<20: picture(scene, gain: 0.7, noise: 1, frame: place)
      case 20...: picture(other, noise: 1, frame: place)
      default: picture(scene, noise: 1, frame: place)
      }
    }
    #expect(all.indices.filter { all[$0].isCut } == [20])
  }

  @Test func `fire-coloured light is seen where it appears`() {
    let all = samples(10) { place in
      picture(
        scene, place < 6 ? [] : [.init(x: 60, y: 40, side: 40, red: 250, green: 150, blue: 40)],
        noise: 1, frame: place)
    }
    #expect(all[5].fireArea == 0)
    #expect(all[6].fireArea > 0.04 && all[6].fireArea < 0.12)
  }

  @Test func `novelty is highest where a burst of motion is, not where the light steps`() throws {
    let all = samples(80) { place in
      let walk = MovingScene.Square(x: 10 + 0.8 * Double(place), y: 70, side: 18)
      let burst = (50..<58).contains(place)
      let other = MovingScene.Square(
        x: 100 + (burst ? 8 * sin(Double(place) * 2.1) : 0),
        y: 40 + (burst ? 8 * cos(Double(place) * 1.7) : 0), side: 24)
      return picture(
        scene, [walk, other], gain: place < 25 ? 1 : 0.75, noise: 2, frame: place)
    }
    let novelty = MotionNovelty.curve(of: all)
    let peak = try #require(novelty.indices.max { novelty[$0] < novelty[$1] })
    #expect((50...58).contains(peak))
    #expect(novelty[25] < novelty[peak] / 2)
  }
}
