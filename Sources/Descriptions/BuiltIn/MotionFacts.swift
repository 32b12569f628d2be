import Encoders
import Foundation
import KeyEvents

/// Facts that are measured in a video without understanding it; `MotionFactsText` puts them
/// into sentences. Lengths are in widths of the picture, positions are fractions of its width
/// and height, areas are fractions of its area.
struct MotionFacts: Sendable {
  /// A stretch of time and the motion in it.
  struct Activity: Sendable {
    var startSeconds: Double
    var endSeconds: Double
    /// Mean number of moving regions.
    var regions: Double
    /// The number of moving regions that a tenth of the frames reaches or exceeds.
    var mostRegions: Int
    /// The center of the motion, weighted by area and speed; nil if nothing moves.
    var centre: (x: Double, y: Double)?
    /// How far the motion spreads around its center.
    var extent: Double
    /// The part of the picture that moves, mean and greatest.
    var area: Double
    var greatestArea: Double
    /// The area of the largest moving region, mean.
    var regionArea: Double
    /// The mean speed of the moving regions, and the greatest speed of the fastest part.
    var speed: Double
    var topSpeed: Double
    /// Mean direction of the motion, a vector of length at most 1; 0 means that all directions
    /// occur equally.
    var direction: (x: Double, y: Double)
    /// Abruptness: mean acceleration over mean speed.
    var abruptness: Double
  }

  /// A moment and how strong it was.
  struct Peak: Sendable {
    var seconds: Double
    var value: Double
    /// The horizontal position as a fraction of the width; nil if it is everywhere.
    var x: Double?
  }

  var durationSeconds: Double
  /// Mean brightness 0...255, saturation 0...1, and colour.
  var brightness: Double
  var saturation: Double
  var colour: (red: Double, green: Double, blue: Double)
  /// Mean brightness of the last tenth minus that of the first.
  var brightnessStep: Double
  var cutSeconds: [Double]
  /// The part of the frames in which the camera moves, and its mean velocity then.
  var cameraMoving: Double
  var cameraVelocity: (x: Double, y: Double)
  /// The whole video.
  var overall: Activity
  /// The strongest key event, and the motion before and after it; nil if nothing stands out.
  var event: Activity?
  var before: Activity?
  var after: Activity?
  /// The number of key events.
  var eventCount: Int
  /// The novelty of the event above that of the rest.
  var prominence: Double
  /// Seconds from a quarter to three quarters of the rise to the peak.
  var riseSeconds: Double
  var peakSeconds: Double
  /// When and where the speeds within one region differ most; nil if nothing moves.
  var restless: Peak?
  /// The greatest sudden brightening of a part of the picture that fades again.
  var flash: Peak?
  /// The largest fire-like area that was not there before, and the largest smoke-like area
  /// that lasts for a second.
  var fire: Peak?
  var smoke: Peak?
  /// When two moving regions that had been apart met.
  var meetingSeconds: Double?
  /// The speed with which they met.
  var meetingSpeed: Double

  /// - Precondition: at least one sample.
  init(_ samples: [MotionSample]) {
    precondition(!samples.isEmpty, "facts need at least one frame")
    let last = samples[samples.count - 1]
    durationSeconds = last.timestampSeconds + last.intervalSeconds
    func mean(_ values: some Collection<MotionSample>, _ value: (MotionSample) -> Float) -> Double {
      values.reduce(0.0) { $0 + Double(value($1)) } / Double(max(1, values.count))
    }
    brightness = mean(samples) { $0.brightness }
    saturation = mean(samples) { $0.saturation }
    colour = (mean(samples) { $0.red }, mean(samples) { $0.green }, mean(samples) { $0.blue })
    let tenth = max(1, samples.count / 10)
    brightnessStep =
      mean(samples.suffix(tenth)) { $0.brightness } - mean(samples.prefix(tenth)) { $0.brightness }
    cutSeconds = samples.filter(\.isCut).map(\.timestampSeconds)
    let moving = samples.filter(\.isCameraMoving)
    cameraMoving = Double(moving.count) / Double(samples.count)
    cameraVelocity = (mean(moving) { $0.cameraX }, mean(moving) { $0.cameraY })
    overall = Activity(samples[...])

    let novelty = Self.smoothed(MotionNovelty.curve(of: samples), samples: samples)
    let curve = RelevanceCurve(
      timestamps: samples.map(\.timestampSeconds), relevance: novelty,
      durationSeconds: durationSeconds)
    let events = KeyEvent.segment(curve)
    eventCount = events.count
    let peak = novelty.indices.max { novelty[$0] < novelty[$1] } ?? 0
    peakSeconds = samples[peak].timestampSeconds
    let resting = novelty.sorted()[novelty.count / 4]
    prominence = novelty[peak] - resting
    riseSeconds = Self.rise(to: peak, of: novelty, from: resting, samples: samples)
    if let strongest = events.max(by: { $0.mass < $1.mass }) {
      let range = strongest.firstCandidate...strongest.lastCandidate
      event = Activity(samples[range])
      let top = range.max { novelty[$0] < novelty[$1] } ?? range.lowerBound
      peakSeconds = samples[top].timestampSeconds
      riseSeconds = Self.rise(to: top, of: novelty, from: resting, samples: samples)
      if range.lowerBound >= tenth { before = Activity(samples[..<range.lowerBound]) }
      if samples.count - 1 - range.upperBound >= tenth {
        after = Activity(samples[(range.upperBound + 1)...])
      }
    }
    restless = Self.restless(in: samples)
    flash = Self.flash(in: samples)
    fire = Self.peak(of: samples, least: 0.01) { $0.fireArea }
    smoke = Self.lastingSmoke(in: samples)
    (meetingSeconds, meetingSpeed) = (nil, 0)
    if let meeting = Self.meeting(in: samples) {
      (meetingSeconds, meetingSpeed) = (meeting.seconds, meeting.speed)
    }
  }

  private static func peak(
    of samples: [MotionSample], least: Double, _ value: (MotionSample) -> Float
  ) -> Peak? {
    guard let top = samples.max(by: { value($0) < value($1) }), Double(value(top)) >= least else {
      return nil
    }
    return Peak(
      seconds: top.timestampSeconds, value: Double(value(top)),
      x: top.regions.first.map { Double($0.x) })
  }

  /// The half second of the most disordered region.
  private static func restless(in samples: [MotionSample]) -> Peak? {
    let values = samples.map { sample in
      sample.regions.reduce(0.0) { max($0, Double($1.area * $1.disorder)) }
    }
    let smooth = smoothed(values, samples: samples)
    guard let top = smooth.indices.max(by: { smooth[$0] < smooth[$1] }), smooth[top] > 0 else {
      return nil
    }
    let region = samples[top].regions.max { $0.area * $0.disorder < $1.area * $1.disorder }
    return Peak(
      seconds: samples[top].timestampSeconds, value: smooth[top], x: region.map { Double($0.x) })
  }

  /// A part of the picture that brightens within a quarter of a second, together with the mean
  /// brightness, and loses half of that within two seconds.
  private static func flash(in samples: [MotionSample]) -> Peak? {
    var best: Peak?
    for (place, sample) in samples.enumerated() where !sample.isCut {
      let before = samples[..<place].suffix(8).filter {
        sample.timestampSeconds - $0.timestampSeconds <= 0.27
      }
      guard !before.isEmpty, before.allSatisfy({ !$0.isCut && !$0.isCameraMoving }) else {
        continue
      }
      let area = sample.brightenedArea - before.reduce(1) { min($0, $1.brightenedArea) }
      let dark = before.reduce(255) { min($0, $1.brightness) }
      let later = samples[place...].prefix { $0.timestampSeconds <= sample.timestampSeconds + 2 }
      let lowest = later.reduce(255) { min($0, $1.brightness) }
      let goes = lowest - dark < (sample.brightness - dark) / 2
      if area > 0.03, sample.brightness - dark > 1.5, goes, Double(area) > best?.value ?? 0 {
        best = Peak(
          seconds: sample.timestampSeconds, value: Double(area),
          x: sample.regions.first.map { Double($0.x) })
      }
    }
    return best
  }

  private static func lastingSmoke(in samples: [MotionSample]) -> Peak? {
    var best: Peak?
    for (place, sample) in samples.enumerated() {
      let second = samples[place...].prefix { $0.timestampSeconds <= sample.timestampSeconds + 1 }
      guard second.count >= 4, second.allSatisfy({ !$0.isCameraMoving && !$0.isCut }) else {
        continue
      }
      let least = second.reduce(1) { min($0, $1.smokeArea) }
      if least > 0.04, Double(least) > best?.value ?? 0 {
        best = Peak(seconds: sample.timestampSeconds, value: Double(least), x: nil)
      }
    }
    return best
  }

  /// The mean over a quarter of a second to either side.
  private static func smoothed(_ values: [Double], samples: [MotionSample]) -> [Double] {
    values.indices.map { place in
      let near = samples.indices.filter {
        abs($0 - place) < 8
          && abs(samples[$0].timestampSeconds - samples[place].timestampSeconds) <= 0.25
      }
      return near.reduce(0) { $0 + values[$1] } / Double(near.count)
    }
  }

  private static func rise(
    to peak: Int, of novelty: [Double], from resting: Double, samples: [MotionSample]
  ) -> Double {
    let height = novelty[peak] - resting
    func lastBelow(_ share: Double) -> Int {
      (0...peak).last { novelty[$0] < resting + share * height } ?? 0
    }
    return samples[lastBelow(0.75)].timestampSeconds - samples[lastBelow(0.25)].timestampSeconds
  }

  /// The first time that the two largest moving regions approach from more than a fifth of the
  /// width to less than a tenth, or to one region, within a second.
  private static func meeting(in samples: [MotionSample]) -> (seconds: Double, speed: Double)? {
    var far: (seconds: Double, distance: Double)?
    for sample in samples {
      let regions = sample.regions.filter { $0.area > 0.004 }
      if regions.count >= 2 {
        let (a, b) = (regions[0], regions[1])
        let distance = Double(((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot())
        if distance > 0.2 {
          far = (sample.timestampSeconds, distance)
        } else if distance < 0.1, let start = far, sample.timestampSeconds - start.seconds < 1 {
          let elapsed = max(0.1, sample.timestampSeconds - start.seconds)
          return (sample.timestampSeconds, (start.distance - distance) / elapsed)
        }
      }
    }
    return nil
  }
}

extension MotionFacts.Activity {
  /// The motion in a stretch of samples.
  init(_ samples: ArraySlice<MotionSample>) {
    let count = Double(max(1, samples.count))
    startSeconds = samples.first?.timestampSeconds ?? 0
    endSeconds = samples.last?.timestampSeconds ?? 0
    regions = Double(samples.reduce(0) { $0 + $1.regions.count }) / count
    let numbers = samples.map(\.regions.count).sorted()
    mostRegions = numbers.isEmpty ? 0 : numbers[numbers.count * 9 / 10]
    var (weight, x, y, xx, yy): (Double, Double, Double, Double, Double) = (0, 0, 0, 0, 0)
    var (dx, dy, length): (Double, Double, Double) = (0, 0, 0)
    for sample in samples {
      for region in sample.regions {
        let speed = Double((region.dx * region.dx + region.dy * region.dy).squareRoot())
        let share = Double(region.area) * (0.2 + speed + Double(region.disorder))
        weight += share
        x += share * Double(region.x)
        y += share * Double(region.bottom)
        xx += share * Double(region.x) * Double(region.x)
        yy += share * Double(region.bottom) * Double(region.bottom)
        dx += Double(region.area) * Double(region.dx)
        dy += Double(region.area) * Double(region.dy)
        length += Double(region.area) * (speed + Double(region.disorder))
      }
    }
    centre = weight > 0 ? (x / weight, y / weight) : nil
    extent =
      weight > 0
      ? max(
        0, xx / weight - (x / weight) * (x / weight) + yy / weight - (y / weight) * (y / weight)
      ).squareRoot() : 0
    direction = length > 0 ? (dx / length, dy / length) : (0, 0)
    let areas = samples.map { sample in
      sample.regions.reduce(0.0) { $0 + Double($1.area) }
    }
    area = areas.reduce(0, +) / count
    greatestArea = areas.max() ?? 0
    regionArea = samples.reduce(0.0) { $0 + Double($1.regions.first?.area ?? 0) } / count
    let busy = samples.filter { !$0.regions.isEmpty }
    let speeds = busy.map {
      Double($0.speed) / max(0.002, $0.regions.reduce(0) { $0 + Double($1.area) })
    }
    speed = speeds.reduce(0, +) / Double(max(1, speeds.count))
    topSpeed = samples.reduce(0.0) { max($0, Double($1.topSpeed)) }
    let total = samples.reduce(0.0) { $0 + Double($1.speed) }
    abruptness = total > 0 ? samples.reduce(0.0) { $0 + Double($1.jerk) } / total : 0
  }
}
