import Foundation
import Records
import Tensors

/// A run's scores on disk: `<id>.npy` (float32, [snippets]) for each video,
/// `<id>.classes.npy` (float32, [snippets, classes]) where the detector has class scores,
/// and `scores.json` with what a reader needs to turn them into frames' and check them.
public struct ScoreFolder: Sendable, Equatable {
  /// The format that this code writes and reads.
  public static let currentFormat = 2
  /// The description's name in the folder.
  public static let fileName = "scores.json"

  public var run: String
  public var dataset: String
  public var split: String?
  /// What the columns of class scores are; empty for a detector without them.
  public var classes: [String]
  /// The normal one of them; nil where there is none.
  public var normalClass: String?
  /// How VadCLIP's released code took the annotation of the data set.
  public var legacyTruth: LegacyTruth
  /// Which crops of the features gave the scores, `average` or a crop's number; nil for the one
  /// that the data set's list names.
  public var testCrops: String?
  /// Names the checkpoint, features and labels behind the scores; nil where nobody said.
  public var source: String?
  public var videos: [ScoredVideo]

  public init(
    run: String, dataset: String, split: String?, classes: [String] = [],
    normalClass: String? = nil, legacyTruth: LegacyTruth = LegacyTruth(),
    testCrops: String? = nil, source: String? = nil, videos: [ScoredVideo]
  ) {
    self.run = run
    self.dataset = dataset
    self.split = split
    self.classes = classes
    self.normalClass = normalClass
    self.legacyTruth = legacyTruth
    self.testCrops = testCrops
    self.source = source
    self.videos = videos
  }

  /// Evaluates the scores with all that the folder knows: what detection found, from its files.
  ///
  /// - Throws: `EvaluationError`, naming the video.
  public func evaluate(resamples: Int = 1000) throws -> EvaluationResult {
    try FrameEvaluation.evaluate(
      videos, classes: classes, normalClass: normalClass, legacyTruth: legacyTruth,
      resamples: resamples)
  }

  /// `scores.json`.
  private struct Description: Codable {
    struct Video: Codable {
      var id: String
      /// The score files' names in the same folder.
      var scores: String
      var classScores: String?
      var frameCount: Int
      var frameRate: Double
      var classNames: [String]
      var isAnomalous: Bool?
      var events: [Range<Int>]?
      var classEvents: [ClassEvent]?
    }

    var format = ScoreFolder.currentFormat
    var run: String
    var dataset: String
    var split: String?
    var snippetLength = Snippet.frameCount
    var classes: [String]
    var normalClass: String?
    var legacyTruth: LegacyTruth?
    var testCrops: String?
    var source: String?
    var videos: [Video]
  }

  /// Writes every video's scores, then the description, which so vouches for them. Makes
  /// the folder.
  public func write(to folder: URL) throws {
    var description = Description(
      run: run, dataset: dataset, split: split, classes: classes, normalClass: normalClass,
      legacyTruth: classes.isEmpty ? nil : legacyTruth, testCrops: testCrops, source: source,
      videos: [])
    for video in videos {
      let entry = Description.Video(
        id: video.id, scores: "\(video.id).npy",
        classScores: video.classScores == nil ? nil : "\(video.id).classes.npy",
        frameCount: video.frameCount, frameRate: video.frameRate, classNames: video.classNames,
        isAnomalous: video.isAnomalous, events: video.events, classEvents: video.classEvents)
      try Npy.write(
        Tensor(shape: [video.scores.count], scalars: video.scores),
        to: folder.appendingPathComponent(entry.scores))
      if let file = entry.classScores, let scores = video.classScores {
        try Npy.write(scores, to: folder.appendingPathComponent(file))
      }
      description.videos.append(entry)
    }
    try JSONRecord.write(description, to: folder.appendingPathComponent(Self.fileName))
  }

  /// Reads the description and the scores of its videos, in its order.
  ///
  /// - Throws: `RecordError` for another format, what `Npy.read` throws,
  ///   `EvaluationError.lengthMismatch` where a score file is no list, or `.classCountMismatch`
  ///   where class scores have other columns than there are classes.
  public init(reading folder: URL) throws {
    struct Header: Decodable { var format: Int }
    let url = folder.appendingPathComponent(Self.fileName)
    let found = try JSONRecord.read(Header.self, from: url).format
    guard found == Self.currentFormat else {
      throw RecordError.wrongFormat(
        path: url.path, found: "format \(found)",
        expected: "format \(Self.currentFormat); run 'detect' again")
    }
    let description = try JSONRecord.read(Description.self, from: url)
    func tensor(_ file: String, rank: Int, of video: Description.Video) throws -> Tensor<Float> {
      let tensor = try Npy.read(folder.appendingPathComponent(file))
      guard tensor.rank == rank else {
        throw EvaluationError.lengthMismatch(
          video: video.id, scores: tensor.count,
          expected: FrameGroundTruth.snippetCount(frames: video.frameCount),
          frames: video.frameCount)
      }
      return tensor
    }
    self.init(
      run: description.run, dataset: description.dataset, split: description.split,
      classes: description.classes, normalClass: description.normalClass,
      legacyTruth: description.legacyTruth ?? LegacyTruth(), testCrops: description.testCrops,
      source: description.source,
      videos: try description.videos.map { video in
        let classScores = try video.classScores.map { try tensor($0, rank: 2, of: video) }
        if let classScores, classScores.shape[1] != description.classes.count {
          throw EvaluationError.classCountMismatch(
            video: video.id, columns: classScores.shape[1], expected: description.classes.count)
        }
        return ScoredVideo(
          id: video.id, scores: try tensor(video.scores, rank: 1, of: video).scalars,
          classScores: classScores,
          frameCount: video.frameCount, frameRate: video.frameRate, classNames: video.classNames,
          isAnomalous: video.isAnomalous, events: video.events, classEvents: video.classEvents)
      })
  }
}
