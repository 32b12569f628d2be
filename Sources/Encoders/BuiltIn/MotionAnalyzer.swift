import Foundation
import Video

/// Analyses the motion of a video frame by frame, for the novelty scorer and the built-in
/// describer.
///
/// The background is a running mean of brightness that follows the camera. Cost: about 0.5
/// ms per frame at 160 x 120.
package struct MotionAnalyzer: Sendable {
  /// The time in which the background adopts two thirds of a change.
  package static let backgroundSeconds = 4.0

  private struct State {
    var image: MotionImage
    var background: MotionPlane
    var backgroundColours: (red: [Float], green: [Float], blue: [Float])
    var seconds: Double
    var count: Int
    var steps: [(dx: Float, dy: Float)]
    /// Distances from the background over the last half second.
    var history: [(seconds: Double, distance: [Float])]
    var directions = DirectionWindow()

    /// Blends `share` of a frame into the background.
    mutating func learn(_ image: MotionImage, share: Float) {
      for index in background.samples.indices {
        background.samples[index] += share * (image.luma.samples[index] - background.samples[index])
      }
      for block in 0..<image.blockCount {
        backgroundColours.red[block] += share * (image.red[block] - backgroundColours.red[block])
        backgroundColours.green[block] +=
          share * (image.green[block] - backgroundColours.green[block])
        backgroundColours.blue[block] += share * (image.blue[block] - backgroundColours.blue[block])
      }
    }
  }

  private var state: State?

  package init() {}

  /// The last frame; nil before the first.
  var lastImage: MotionImage? { state?.image }

  /// Analyses the next frame.
  ///
  /// - Precondition: all frames have one size, times ascend.
  package mutating func observe(_ picture: RGBImage, at seconds: Double) -> MotionSample {
    observe(MotionImage(picture), at: seconds)
  }

  /// Analyses the next frame, which is reduced already.
  ///
  /// - Parameter known: the motion from `lastImage` to `image`, if it is measured already.
  mutating func observe(
    _ image: MotionImage, at seconds: Double, field known: MotionField? = nil
  ) -> MotionSample {
    guard var last = state else {
      state = Self.begin(image, at: seconds)
      return sample(of: image, at: seconds)
    }
    let field = known ?? MotionField(from: last.image, to: image)
    let interval = max(seconds - last.seconds, 1e-3)
    var result = sample(of: image, at: seconds)
    result.intervalSeconds = interval
    if Self.isCut(field, from: last.image, to: image) {
      state = Self.begin(image, at: seconds)
      result.isCut = true
      return result
    }

    let blocks = 0..<image.blockCount
    let steps = blocks.map {
      field.displacement(column: $0 % image.columns, row: $0 / image.columns)
    }
    let lengths = steps.map { ($0.dx * $0.dx + $0.dy * $0.dy).squareRoot() }
    last.directions.add(steps, lengths: lengths, at: seconds)
    result.directionEntropy = last.directions.entropy(
      SnippetGrid(columns: image.columns, rows: image.rows))
    let perSecond = 1 / Float(interval) / Float(image.width)
    let speeds = lengths.map { $0 * perSecond }
    let count = Float(image.blockCount)
    let sorted = speeds.sorted()
    let top = sorted.suffix(max(1, sorted.count / 20))
    result.speed = speeds.reduce(0, +) / count
    result.topSpeed = top.reduce(0, +) / Float(top.count)
    result.jerk =
      zip(steps, last.steps).reduce(Float(0)) {
        let (dx, dy) = ($1.0.dx - $1.1.dx, $1.0.dy - $1.1.dy)
        return $0 + (dx * dx + dy * dy).squareRoot()
      } * perSecond / count
    let changes = blocks.map { field.changeBeyondNoise($0) }
    result.change = changes.reduce(0, +) / count
    result.changedArea = Float(changes.filter { $0 > 0 }.count) / count
    if field.camera.isMoving {
      result.isCameraMoving = true
      result.cameraX = field.camera.dx * perSecond
      result.cameraY = field.camera.dy * perSecond
      result.cameraZoom = field.camera.zoom / Float(MotionImage.blockSide) / Float(interval)
      last.background = last.background.shifted(dx: -field.camera.dx, dy: -field.camera.dy)
    }

    let comparison = BlockComparison(last.background, image.luma)
    let distances = blocks.map { max(0, comparison.change[$0] - 2 * field.noise - 1) }
    result.foregroundArea = Float(distances.filter { $0 > 0 }.count) / count
    if let before = last.history.first {
      result.appearanceChange =
        zip(distances, before.distance).reduce(Float(0)) { $0 + abs($1.0 - $1.1) } / count
    }
    let moving = blocks.map { speeds[$0] > 0.01 || (changes[$0] > 1 && distances[$0] > 1) }
    result.regions = MotionRegion.find(mask: moving, columns: image.columns, least: 2) {
      steps[$0]
    }
    result.disorder =
      result.regions.reduce(0) { $0 + $1.area * $1.disorder } * perSecond
    result.unexplained = blocks.reduce(0) { $0 + field.unexplained($1) } / count
    colour(&result, image: image, background: last, light: comparison.light, changes: distances)

    last.history.append((seconds, distances))
    while last.history.count > 1, seconds - last.history[0].seconds > 0.5 {
      last.history.removeFirst()
    }
    last.count += 1
    let share = Float(
      max(1 - exp(-interval / Self.backgroundSeconds), last.count < 8 ? 1 / Double(last.count) : 0))
    last.learn(image, share: field.camera.isMoving ? max(share, 0.2) : share)
    last.image = image
    last.seconds = seconds
    last.steps = steps
    state = last
    return result
  }

  private static func begin(_ image: MotionImage, at seconds: Double) -> State {
    State(
      image: image, background: image.luma,
      backgroundColours: (image.red, image.green, image.blue), seconds: seconds, count: 1,
      steps: [(dx: Float, dy: Float)](repeating: (0, 0), count: image.blockCount), history: [])
  }

  /// Whether another shot begins: most of the picture changed, the camera does not explain
  /// it, and the two frames are not even roughly similar.
  private static func isCut(_ field: MotionField, from before: MotionImage, to after: MotionImage)
    -> Bool
  {
    let changed = field.change.filter { $0 > 6 }
    guard changed.count * 2 > field.change.count, !field.camera.isMoving else { return false }
    return before.resemblance(to: after) < 0.3
  }

  private func colour(
    _ sample: inout MotionSample, image: MotionImage, background: State,
    light: (gain: Float, offset: Float), changes: [Float]
  ) {
    var (fire, smoke, bright): (Float, Float, Float) = (0, 0, 0)
    for block in 0..<image.blockCount {
      let colour = image.colour(block)
      let old = MotionColour(
        red: background.backgroundColours.red[block],
        green: background.backgroundColours.green[block],
        blue: background.backgroundColours.blue[block])
      let step = colour.brightness - light.gain * old.brightness - light.offset
      if colour.isFireLike && step > 15 { fire += 1 }
      if colour.isSmokeLike, abs(step) > 8, changes[block] > 0,
        !old.isSmokeLike || abs(step) > 15
      {
        smoke += 1
      }
      if step > 40 { bright += 1 }
    }
    let count = Float(image.blockCount)
    sample.fireArea = fire / count
    sample.smokeArea = smoke / count
    sample.brightenedArea = bright / count
  }

  /// A sample of a frame in which nothing moved.
  private func sample(of image: MotionImage, at seconds: Double) -> MotionSample {
    let count = Float(image.blockCount)
    let saturation =
      (0..<image.blockCount).reduce(Float(0)) { $0 + image.colour($1).saturation } / count
    return MotionSample(
      timestampSeconds: seconds, intervalSeconds: 0, speed: 0, topSpeed: 0, jerk: 0, disorder: 0,
      directionEntropy: 0, unexplained: 0, change: 0,
      changedArea: 0, foregroundArea: 0, appearanceChange: 0, regions: [], cameraX: 0, cameraY: 0,
      cameraZoom: 0, isCameraMoving: false, brightness: image.meanBrightness,
      saturation: saturation, red: image.red.reduce(0, +) / count,
      green: image.green.reduce(0, +) / count, blue: image.blue.reduce(0, +) / count, fireArea: 0,
      smokeArea: 0, brightenedArea: 0, isCut: false)
  }
}

/// How much each moment of a video stands out by motion and by change of appearance.
///
/// Three figures of `MotionSample` (disordered motion, change that no displacement explains,
/// and the part of the picture that differs from the running background) are each compared
/// with their own median over the video, compressed as ln(1 + figure / (median + floor)),
/// and added. The entropy of directions around that moment is added to them `entropyWeight`
/// times: of all it tells real fights apart best. All exclude camera motion, sensor noise and
/// changes of light as far as `MotionAnalyzer` detects them; a cut counts as 0. Speed is not
/// among them: on rendered street scenes it reacts to every passing car and finds events no
/// better than chance.
package enum MotionNovelty {
  /// The frames per second to analyse: enough to see a blow, few enough for long videos.
  package static let framesPerSecond = 12.0

  /// The floors are the figures of a quiet street.
  private static let figures: [(value: @Sendable (MotionSample) -> Float, floor: Double)] = [
    ({ $0.disorder }, 0.003), ({ $0.unexplained }, 0.1), ({ $0.foregroundArea }, 0.02),
  ]

  /// The entropy of directions is from 0 to 1, the other figures run to about 3 each.
  private static let entropyWeight = 20.0

  /// One number per sample, 0 or more.
  package static func curve(of samples: [MotionSample]) -> [Double] {
    var totals = [Double](repeating: 0, count: samples.count)
    for (value, floor) in figures {
      let values = samples.map { Double(value($0)) }
      let median = values.isEmpty ? 0 : values.sorted()[values.count / 2]
      for place in values.indices { totals[place] += log(1 + values[place] / (median + floor)) }
    }
    for (place, entropy) in centredEntropies(of: samples).enumerated() {
      totals[place] += entropyWeight * entropy
    }
    return totals
  }

  /// The entropy of directions around each sample: that of the window which ends half its
  /// length later, or with the shot.
  private static func centredEntropies(of samples: [MotionSample]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(samples.count)
    var end = 0
    for place in samples.indices {
      end = max(end, place)
      while end + 1 < samples.count, !samples[end + 1].isCut,
        samples[end].timestampSeconds - samples[place].timestampSeconds
          < DirectionWindow.seconds / 2 - 1e-6
      {
        end += 1
      }
      result.append(Double(samples[end].directionEntropy))
    }
    return result
  }
}
