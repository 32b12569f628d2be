import Detectors
import Records
import Tensors

/// One training video: its features and weak labels.
public struct TrainingSample: Sendable {
  /// Unique for a video; crops of one video share it.
  public var videoID: String
  /// Snippet features, [n, visualWidth].
  public var features: SnippetRows
  public var isAnomalous: Bool
  /// Indices into the model's classes; normal is a class too.
  public var classIndices: [Int]
  /// The embedding of the video's description, nil where there is none.
  public var description: [Float]?
  /// What must not be split between training and validation: the scene or source
  /// film. The video itself where nothing is known.
  public var group: String

  /// A sample with its features in memory, [n, visualWidth].
  public init(
    videoID: String, features: Tensor<Float>, isAnomalous: Bool, classIndices: [Int],
    description: [Float]? = nil, group: String? = nil
  ) {
    self.init(
      videoID: videoID, features: SnippetRows(features), isAnomalous: isAnomalous,
      classIndices: classIndices, description: description, group: group)
  }

  public init(
    videoID: String, features: SnippetRows, isAnomalous: Bool, classIndices: [Int],
    description: [Float]? = nil, group: String? = nil
  ) {
    self.videoID = videoID
    self.features = features
    self.isAnomalous = isAnomalous
    self.classIndices = classIndices
    self.description = description
    self.group = group ?? videoID
  }

  /// Checks the sample against a model. Features that were checked before are not read again.
  ///
  /// - Throws: `DetectorError` or `TrainingError` naming the video; `TensorError` for a file.
  public func check(against model: DetectorInputs) throws {
    if !features.isChecked || features.fullShape.last != model.visualWidth {
      var features = features
      _ = try features.checkedTensor(width: model.visualWidth, subject: videoID)
    }
    if let index = classIndices.first(where: { !model.classes.indices.contains($0) }) {
      throw TrainingError.badSample(
        videoID: videoID,
        reason: "class index \(index), but there are \(model.classes.count) classes")
    }
    guard let description else { return }
    guard description.count == model.textWidth else {
      throw TrainingError.badSample(
        videoID: videoID,
        reason: "a description embedding of width \(description.count), expected \(model.textWidth)"
      )
    }
    guard description.allSatisfy(\.isFinite) else {
      throw TrainingError.badSample(
        videoID: videoID, reason: "a non-finite description embedding")
    }
    guard !classIndices.isEmpty else {
      throw TrainingError.badSample(videoID: videoID, reason: "a description but no class")
    }
  }
}

/// Holds training videos out for choosing weights, never test videos.
public enum ValidationSplit {
  /// Moves whole groups (scenes), in a seeded order, until the held-out part has
  /// `fraction` of the normal and of the anomalous samples. A group moves only
  /// while its side still lacks some, and never the last group of a side.
  ///
  /// - Returns: both parts in the samples' own order.
  public static func carve(
    _ samples: [TrainingSample], fraction: Double, seed: UInt64
  ) -> (training: [TrainingSample], validation: [TrainingSample]) {
    precondition(0..<1 ~= fraction, "a fraction in [0, 1) needed")
    var generator = SeededGenerator(seed: seed, purpose: "validation split")
    let groups = Dictionary(grouping: samples, by: \.group)
    let wanted = [false, true].map { side in
      Int((Double(samples.filter { $0.isAnomalous == side }.count) * fraction).rounded())
    }
    var held = [0, 0]
    var remaining = [false, true].map { side in samples.filter { $0.isAnomalous == side }.count }
    var chosen: Set<String> = []
    for name in groups.keys.sorted().shuffled(using: &generator) {
      let counts = [false, true].map { side in
        groups[name]?.filter { $0.isAnomalous == side }.count ?? 0
      }
      let isWanted = (0...1).contains { counts[$0] > 0 && held[$0] < wanted[$0] }
      let leavesSome = (0...1).allSatisfy { remaining[$0] == 0 || remaining[$0] > counts[$0] }
      guard isWanted, leavesSome else { continue }
      chosen.insert(name)
      for side in 0...1 {
        held[side] += counts[side]
        remaining[side] -= counts[side]
      }
    }
    return (
      samples.filter { !chosen.contains($0.group) }, samples.filter { chosen.contains($0.group) }
    )
  }
}

/// Mean and standard deviation of each feature over all snippets of a set.
struct FeatureStatistics {
  let means: [Float]
  let deviations: [Float]

  /// Reads one sample after the other.
  ///
  /// - Throws: `TensorError` for a file.
  /// - Precondition: at least one sample [n, d], all of one width.
  init(_ features: [SnippetRows]) throws {
    let width = features[0].fullShape[1]
    let count = Double(features.reduce(0) { $0 + $1.rowCount })
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    for rows in features {
      try rows.tensor().scalars.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: values.count, by: width) {
          for column in 0..<width {
            let value = Double(values[start + column])
            sums[column] += value
            squares[column] += value * value
          }
        }
      }
    }
    means = sums.map { Float($0 / count) }
    deviations = zip(sums, squares).map { sum, square in
      Float(max(0, square / count - (sum / count) * (sum / count)).squareRoot())
    }
  }
}
