import Encoders
import Foundation

/// Facts that are measured in a video without understanding it; `MotionFactsText` puts them
/// into sentences. Lengths are in widths of the picture, areas are fractions of its area.
///
/// Each second is judged by its disorder: how much the speeds within moving regions differ,
/// times the regions' area. People who walk move as one; people who fight do not. A second
/// never extends over a cut.
struct MotionFacts: Sendable {
  /// A second of one shot, or all of a shorter shot.
  struct Second: Sendable {
    var startSeconds: Double
    var shot: Int
    /// Means over the second.
    var disorder: Double
    var topSpeed: Double
    /// The part of the picture that moves.
    var area: Double
    /// The change that no displacement explains, 0...255.
    var unexplained: Double
  }

  var durationSeconds: Double
  /// Mean brightness 0...255 and saturation 0...1.
  var brightness: Double
  var saturation: Double
  var cutSeconds: [Double]
  /// The part of the frames in which the camera moves, and its mean velocity then.
  var cameraMoving: Double
  var cameraVelocity: (x: Double, y: Double)
  /// The second with the most disorder, the earliest of equals.
  var strongest: Second
  /// The second with the fastest motion, and the one with the most unexplained change.
  var fastest: Second
  var leastExplained: Second
  /// The median of the seconds' disorder.
  var usualDisorder: Double
  /// The share of seconds with more than half of the strongest's disorder.
  var strongShare: Double
  /// The number of shots, and of those with such a second.
  var shots: Int
  var strongShots: Int
  /// Mean disorder of the first and of the last third of the seconds.
  var first: Double
  var last: Double

  /// - Precondition: at least one sample.
  init(_ samples: [MotionSample]) {
    precondition(!samples.isEmpty, "facts need at least one frame")
    let end = samples[samples.count - 1]
    durationSeconds = end.timestampSeconds + end.intervalSeconds
    func mean(_ values: some Collection<MotionSample>, _ value: (MotionSample) -> Float) -> Double {
      values.reduce(0.0) { $0 + Double(value($1)) } / Double(max(1, values.count))
    }
    brightness = mean(samples) { $0.brightness }
    saturation = mean(samples) { $0.saturation }
    cutSeconds = samples.filter(\.isCut).map(\.timestampSeconds)
    let moving = samples.filter(\.isCameraMoving)
    cameraMoving = Double(moving.count) / Double(samples.count)
    cameraVelocity = (mean(moving) { $0.cameraX }, mean(moving) { $0.cameraY })

    let seconds = Self.seconds(of: samples)
    func greatest(_ value: (Second) -> Double) -> Second {
      seconds.dropFirst().reduce(seconds[0]) { value($1) > value($0) ? $1 : $0 }
    }
    let strongest = greatest(\.disorder)
    self.strongest = strongest
    fastest = greatest(\.topSpeed)
    leastExplained = greatest(\.unexplained)
    usualDisorder = seconds.map(\.disorder).sorted()[seconds.count / 2]
    let strong = seconds.filter { $0.disorder > strongest.disorder / 2 }
    strongShare = Double(strong.count) / Double(seconds.count)
    shots = cutSeconds.count + 1
    strongShots = Set(strong.map(\.shot)).count
    let third = max(1, seconds.count / 3)
    first = seconds.prefix(third).reduce(0) { $0 + $1.disorder } / Double(third)
    last = seconds.suffix(third).reduce(0) { $0 + $1.disorder } / Double(third)
  }

  /// A second from every sample on that has one before its shot ends, and each shorter shot.
  private static func seconds(of samples: [MotionSample]) -> [Second] {
    var seconds: [Second] = []
    var (shot, start) = (0, 0)
    while start < samples.count {
      let end = samples[(start + 1)...].firstIndex(where: \.isCut) ?? samples.count
      // The first sample of a shot has no motion yet.
      let first = end - start > 1 ? start + 1 : start
      var last = first
      for place in first..<end {
        let limit = samples[place].timestampSeconds + 1 - 1e-6
        while last < end, samples[last].timestampSeconds < limit { last += 1 }
        let isShort = last == end && samples[end - 1].timestampSeconds < limit - 0.15
        guard place == first || !isShort else { break }
        seconds.append(Second(samples[place..<last], shot: shot))
      }
      start = end
      shot += 1
    }
    return seconds
  }
}

extension MotionFacts.Second {
  init(_ samples: ArraySlice<MotionSample>, shot: Int) {
    let count = Double(max(1, samples.count))
    startSeconds = samples.first?.timestampSeconds ?? 0
    self.shot = shot
    disorder = samples.reduce(0) { $0 + Double($1.disorder) } / count
    topSpeed = samples.reduce(0) { $0 + Double($1.topSpeed) } / count
    area =
      samples.reduce(0.0) { sum, sample in
        sample.regions.reduce(sum) { $0 + Double($1.area) }
      } / count
    unexplained = samples.reduce(0) { $0 + Double($1.unexplained) } / count
  }
}
