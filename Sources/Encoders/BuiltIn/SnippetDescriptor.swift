import Foundation
import Records
import Video

/// The built-in snippet encoder: `SnippetDescriptor`, which needs no weights.
public struct BuiltInSnippetEncoder: SnippetEncoder {
  public init() {}

  public var identity: EncoderIdentity {
    EncoderIdentity(
      kind: "builtin", model: SnippetDescriptorLayout.name,
      dimension: SnippetDescriptorLayout.dimension)
  }

  /// Columns of the features whose mean is an anomaly score by itself, before training.
  public static var scoreColumns: [Int] { SnippetDescriptorLayout.score }

  /// The size of the analysis; decoding at it saves reducing the frames.
  public var preferredScaling: VideoScaling { .longestSide(MotionImage.longestSide) }

  /// The 512 numbers of `SnippetDescriptorLayout`, each about 0 to 1. Takes about 1 ms per
  /// frame of 320x240.
  ///
  /// - Precondition: at least one frame; all of one size.
  public func encodeSnippet(_ frames: [RGBImage], previous: RGBImage?) throws -> [Float] {
    SnippetDescriptor(
      frames: frames.map { MotionImage($0) }, previous: previous.map { MotionImage($0) }
    ).values()
  }
}

/// The parts of the 512 numbers of `SnippetDescriptor`.
///
/// Displacements are relative to the camera's, in pixels per frame of a picture 160 pixels
/// wide. No part says where in the picture something is.
package enum SnippetDescriptorLayout {
  /// Local entropy of directions in windows of blocks and frames, six figures each: three
  /// radii x (8, 16 directions); counted and capped lengths x (8, 16); then the greatest and
  /// the least of halves and of quarters of the snippet, 16 directions, then 8 in larger
  /// windows. See `SnippetDescriptor.disorder`.
  package static let disorder = 0..<108
  /// Length of paths less net displacement: 19 ratios (windows of 1 to 16 frames, radius 0 to
  /// 3), 24 sizes, 20 figures over single frames, 6 over the whole snippet. See
  /// `SnippetDescriptor.paths`.
  package static let paths = 108..<177
  /// Differences between neighbouring blocks' displacements (motion boundaries), what a local
  /// affine motion does not explain, what no displacement explains. See
  /// `SnippetDescriptor.boundaries`.
  package static let boundaries = 177..<210
  /// Directions from upwards over level to downwards, left and right as one: 8 classes; the
  /// same in 3 classes of speed; 5 of 8 directions folded; entropy, greatest share and one
  /// less the net displacement's share of the path.
  package static let directions = 210..<250
  /// Spectrum over time of the blocks' brightness, 8 frequencies x (share where most changes,
  /// share in all, size where most changes, size in all).
  package static let rhythm = 250..<282
  /// The six most active cells of 4 x 4, wherever they are, the most active first: for each 8
  /// directions from its main one on, mean and greatest displacement, disorder (length of the
  /// blocks' paths less their net displacement), change that no displacement explains, and
  /// both together in four quarters of the snippet.
  package static let activity = 282..<378
  /// 12 classes of speed (mean over the snippet, greatest of a frame), then 24 figures: see
  /// `SnippetDescriptor.statistics`.
  package static let statistics = 378..<426
  /// 16 frames each, the greatest first: mean displacement, 95th percentile of displacement,
  /// changed part of the picture.
  package static let profiles = 426..<474
  /// Light and colour: flashes, fire-like and smoke-like change, colour of what changed: see
  /// `SnippetDescriptor.light`.
  package static let light = 474..<506
  /// The recording: the longest shot's share of the frames, share of frames with a moving
  /// camera, noise, brightness, texture, share of repeated frames.
  package static let recording = 506..<512

  /// The numbers whose mean is a score by itself: the entropy of directions, weighted by
  /// motion, of the most moving fifth of the picture and of the whole, for 8 and 16 directions.
  package static let score = [0, 2, 6, 8]

  /// The descriptor's width.
  package static let dimension = 512
  /// The descriptor's name and version; it changes with the meaning of the numbers.
  package static let name = "classical-512-v2"
}

/// A classical descriptor of a snippet of video: above all how disorderly it moves, and little
/// of the scene's look.
///
/// `SnippetDescriptorLayout` lists the numbers. Each is a ratio, or is compressed by a square
/// root or a logarithm, and is scaled to a common range of about 0 to 1 (differences: -1 to 1).
/// The same frames give the same numbers. Where the snippet has a cut, its longest shot alone
/// is described.
struct SnippetDescriptor {
  /// The frames of the longest shot, with the one before the snippet in front where it belongs
  /// to the shot; a single frame is there twice.
  let images: [MotionImage]
  /// From each image to the next; at least one.
  let fields: [MotionField]
  /// For each field and block: displacement relative to the camera's.
  let steps: [[(dx: Float, dy: Float)]]
  /// For each field and block: length of the displacement.
  let speeds: [[Float]]
  /// For each field and block: direction of the displacement, 0..<1 from east over south; 0
  /// where there is none.
  let turns: [[Float]]
  /// For each field and block: change beyond noise, in 0...255.
  let changes: [[Float]]
  /// Each block's cell in the 4 x 4 grid.
  let cells: [Int]
  let grid: SnippetGrid
  /// The longest shot's share of the frames.
  let share: Float

  var columns: Int { grid.columns }
  var rows: Int { grid.rows }

  init(frames: [MotionImage], previous: MotionImage?) {
    precondition(!frames.isEmpty, "a snippet without frames")
    let all = (previous.map { [$0] } ?? []) + frames
    var (images, fields) = SnippetShot.longest(all)
    let share = Float(images.count) / Float(all.count)
    if images.count == 1 {
      images.append(images[0])
      fields = [MotionField(from: images[0], to: images[0])]
    }
    let grid = SnippetGrid(columns: images[0].columns, rows: images[0].rows)
    let steps = fields.map { field in
      (0..<grid.count).map { block in
        field.displacement(column: block % grid.columns, row: block / grid.columns)
      }
    }
    self.share = share
    self.images = images
    self.fields = fields
    self.steps = steps
    self.grid = grid
    speeds = steps.map { $0.map { ($0.dx * $0.dx + $0.dy * $0.dy).squareRoot() } }
    turns = steps.map { $0.map { DirectionEntropy.turn(dx: $0.dx, dy: $0.dy) } }
    changes = fields.map { field in
      field.change.indices.map { field.changeBeyondNoise($0) }
    }
    cells = (0..<grid.count).map { block in
      (block / grid.columns) * 4 / grid.rows * 4 + (block % grid.columns) * 4 / grid.columns
    }
  }

  /// The 512 numbers.
  func values() -> [Float] {
    let result =
      disorder() + paths() + boundaries() + directions() + rhythm() + activity() + statistics()
      + profiles() + light() + recording()
    precondition(
      result.count == SnippetDescriptorLayout.dimension, "a descriptor of \(result.count) numbers")
    return result
  }

  /// The blocks of each cell.
  var blocksOfCells: [[Int]] {
    var lists = [[Int]](repeating: [], count: 16)
    for (block, cell) in cells.enumerated() { lists[cell].append(block) }
    return lists
  }

  /// Adds a direction to 8 of them, divided between the two nearest.
  static func addDirection(_ turn: Float, weight: Float, to bins: inout [Float]) {
    guard weight > 0 else { return }
    let place = turn * 8
    let low = min(Int(place), 7)
    let share = place - Float(low)
    bins[low] += weight * (1 - share)
    bins[(low + 1) % 8] += weight * share
  }

  /// `SnippetDescriptorLayout.profiles`: three figures of each frame, the greatest first.
  private func profiles() -> [Float] {
    var parts = [[Float]](repeating: [], count: 3)
    for (speed, change) in zip(speeds, changes) {
      let sorted = speed.sorted()
      let count = Float(sorted.count)
      parts[0].append((sorted.reduce(0, +) / count).squareRoot())
      parts[1].append((sorted[sorted.count * 95 / 100] / 4).squareRoot())
      parts[2].append((Float(change.filter { $0 > 0 }.count) / count).squareRoot())
    }
    return parts.flatMap { part in
      let sorted = part.sorted(by: >)
      return (0..<16).map { sorted[$0 * sorted.count / 16] }
    }
  }

  /// `SnippetDescriptorLayout.recording`.
  private func recording() -> [Float] {
    let count = Float(fields.count)
    let middle = images[images.count / 2]
    let texture = BlockComparison(middle.luma, middle.luma).texture
    let repeated = fields.filter { field in
      !field.change.contains { $0 > 1 } && zip(field.dx, field.dy).allSatisfy { $0 == 0 && $1 == 0 }
    }
    return [
      share, Float(fields.filter(\.camera.isMoving).count) / count,
      fields.reduce(0) { $0 + $1.noise } / count / 5, middle.meanBrightness / 255,
      texture.reduce(0, +) / Float(texture.count) / 40, Float(repeated.count) / count,
    ]
  }

  /// The square root that keeps the sign.
  static func signedRoot(_ value: Float) -> Float {
    value < 0 ? -(-value).squareRoot() : value.squareRoot()
  }
}

extension MotionField {
  /// A block's change beyond sensor noise and camera motion, in 0...255.
  package func changeBeyondNoise(_ block: Int) -> Float {
    let own = camera.isMoving && isMeasured[block] ? residual[block] : change[block]
    return max(0, own - 1.6 * noise - 0.4)
  }
}

extension MotionField {
  /// The part of a block's change beyond noise that no displacement explains.
  package func unexplained(_ block: Int) -> Float {
    max(0, residual[block] - 1.6 * noise - 0.4)
  }
}

extension MotionImage {
  /// The mean brightness in 0...255.
  package var meanBrightness: Float {
    let sums = zip(red, zip(green, blue)).reduce(Float(0)) {
      $0 + 0.299 * $1.0 + 0.587 * $1.1.0 + 0.114 * $1.1.1
    }
    return sums / Float(blockCount)
  }
}
