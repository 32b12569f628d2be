import Detectors
import Tensors

/// One training video: its features and weak labels.
public struct TrainingSample: Sendable {
  /// Unique for a video; crops of one video share it.
  public var videoID: String
  /// Snippet features, [n, visualWidth].
  public var features: Tensor<Float>
  public var isAnomalous: Bool
  /// Indices into the model's classes; normal is a class too.
  public var classIndices: [Int]
  /// The embedding of the video's description, nil where there is none.
  public var description: [Float]?
  /// What must not be split between training and validation: the scene or source
  /// film. The video itself where nothing is known.
  public var group: String

  public init(
    videoID: String, features: Tensor<Float>, isAnomalous: Bool, classIndices: [Int],
    description: [Float]? = nil, group: String? = nil
  ) {
    self.videoID = videoID
    self.features = features
    self.isAnomalous = isAnomalous
    self.classIndices = classIndices
    self.description = description
    self.group = group ?? videoID
  }

  /// Checks the sample against a model.
  ///
  /// - Throws: `DetectorError` or `TrainingError` naming the video.
  public func check(against model: DBVADConfiguration) throws {
    try SnippetSequence.check(features, width: model.visualWidth, subject: videoID)
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
        videoID: videoID, reason: "a description embedding that is not finite")
    }
    guard !classIndices.isEmpty else {
      throw TrainingError.badSample(videoID: videoID, reason: "a description but no class")
    }
  }
}
