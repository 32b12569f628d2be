import Encoders
import Foundation
import TestSupport
import Testing
import Video

@Suite("Motion of a video")
struct VideoMotionTests {
  /// Twelve seconds of a square that walks and one that shakes, with a cut in the middle.
  private func frame(_ place: Int, rate: Int) -> RGBImage {
    let time = Double(place) / Double(rate)
    return picture(
      MovingScene(seed: time < 3 ? 1 : 5),
      [
        .init(x: 5 + 18 * time, y: 60, side: 22),
        .init(x: 100 + 6 * sin(time * 19), y: 30 + 6 * cos(time * 23), side: 24),
      ], noise: 1.5, frame: place)
  }

  private func separate(_ places: [Int], offset: Double, rate: Int) -> [MotionSample] {
    var analyzer = MotionAnalyzer()
    return places.map {
      analyzer.observe(frame($0, rate: rate), at: Double($0) / Double(rate) + offset)
    }
  }

  @Test(
    "two analyses in one pass give the samples of two passes, and measure common pairs once",
    arguments: [
      (rate: 20, first: [0, 2, 4, 5, 7, 9, 10, 12, 14, 15, 17, 19, 20], step: 2, offset: 0.0),
      (rate: 25, first: [0, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25], step: 2, offset: 0),
      (rate: 12, first: Array(0..<60), step: 1, offset: 0),
      (rate: 12, first: Array(0..<60), step: 1, offset: -0.25),
    ])
  func paired(rate: Int, first: [Int], step: Int, offset: Double) {
    let second = Array(stride(from: 0, through: first[first.count - 1], by: step))
    var paired = PairedMotionAnalyzer()
    var samples: (first: [MotionSample], second: [MotionSample]) = ([], [])
    for place in 0...first[first.count - 1] {
      let seconds = Double(place) / Double(rate)
      let made = paired.observe(
        frame(place, rate: rate), firstSeconds: first.contains(place) ? seconds : nil,
        secondSeconds: second.contains(place) ? seconds + offset : nil)
      if let sample = made.first { samples.first.append(sample) }
      if let sample = made.second { samples.second.append(sample) }
    }
    #expect(samples.first == separate(first, offset: 0, rate: rate))
    #expect(samples.second == separate(second, offset: offset, rate: rate))
    struct Pair: Hashable { var from, to: Int }
    func pairs(_ places: [Int]) -> Set<Pair> {
      Set(zip(places, places.dropFirst()).map { Pair(from: $0, to: $1) })
    }
    #expect(paired.fieldCount == pairs(first).union(pairs(second)).count)
  }
}
