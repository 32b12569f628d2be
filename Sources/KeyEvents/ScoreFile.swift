import Foundation
import Records
import Tensors

/// A relevance curve from a file, so that any scorer can drive every strategy
/// without a video.
///
/// JSON: `{"timestamps": [seconds], "relevance": [number or null]}`, optionally
/// `"embeddings": "FILE.npy"` ([N, width], beside the JSON) and `"duration":
/// seconds`. Or a .npy array [N, 2] of timestamps and relevance. Relevance that is
/// null or not a number is unscored. Times are in seconds, in ascending order, 0 or
/// more.
public struct ScoreFile: Sendable {
  public let curve: RelevanceCurve
  /// What the record says of the file.
  public let scores: SelectionScores

  private struct Contents: Decodable {
    var timestamps: [Double]
    var relevance: [Double?]
    var embeddings: String?
    var duration: Double?
  }

  /// - Throws: `KeyEventError.badScores` for contents that are no curve,
  ///   `RecordError` for a file that cannot be read or is not such JSON, and
  ///   `TensorError` for a damaged array.
  public init(contentsOf url: URL) throws {
    let contents =
      url.pathExtension.lowercased() == "npy"
      ? try Self.array(from: url) : try Self.json(from: url)
    try Self.check(contents, of: url.path)
    var embeddings: [[Float]?] = []
    if let name = contents.embeddings {
      let file = URL(fileURLWithPath: name, relativeTo: url)
      embeddings = try CandidateEmbeddings.read(file, count: contents.timestamps.count)
    }
    curve = RelevanceCurve(
      timestamps: contents.timestamps, relevance: contents.relevance,
      durationSeconds: contents.duration ?? 0, embeddings: embeddings)
    scores = SelectionScores(
      path: url.relativePath, sha256: try ContentHash.ofFile(at: url),
      durationSeconds: curve.durationSeconds, embeddings: contents.embeddings)
  }

  /// The file in a scorer's place.
  public var scorer: ScorerIdentity {
    ScorerIdentity(kind: "scores", model: scores.path, weightsHash: scores.sha256)
  }

  /// Selects from the curve.
  ///
  /// - Throws: `KeyEventError`.
  public func record(_ options: SelectionOptions) throws -> SelectionRecord {
    try options.validate()
    let selection = try CurveSelection(
      of: curve, frames: options.frames, strategy: options.strategy,
      parameters: options.parameters)
    return SelectionRecord(
      selection, of: curve, spread: options.parameters.spread, scores: scores,
      scorer: scorer)
  }

  private static func json(from url: URL) throws -> Contents {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw RecordError.cannotRead(path: url.relativePath, reason: "no such file, or not readable")
    }
    let decoder = JSONDecoder()
    // Python's json module writes NaN as it is.
    decoder.allowsJSON5 = true
    do {
      return try decoder.decode(Contents.self, from: data)
    } catch let error as DecodingError {
      throw KeyEventError.badScores(
        path: url.relativePath, found: JSONRecord.summary(of: error),
        expected: #"{"timestamps": [seconds], "relevance": [number or null]}"#)
    }
  }

  private static func array(from url: URL) throws -> Contents {
    let array = try Npy.read(url)
    guard array.rank == 2, array.extent(1) == 2 else {
      throw KeyEventError.badScores(
        path: url.relativePath, found: "an array of shape \(array.shape)",
        expected: "[N, 2]: timestamps in seconds and relevance")
    }
    let rows = 0..<array.extent(0)
    return Contents(
      timestamps: rows.map { Double(array.scalars[2 * $0]) },
      relevance: rows.map { Double(array.scalars[2 * $0 + 1]) })
  }

  /// Some three hundred years: more is another unit than seconds.
  private static let longestSeconds = 1e10

  private static func check(_ contents: Contents, of path: String) throws {
    let times = contents.timestamps
    guard times.count == contents.relevance.count else {
      throw KeyEventError.badScores(
        path: path, found: "\(times.count) timestamps and \(contents.relevance.count) relevances",
        expected: "as many of both")
    }
    if let place = times.indices.first(where: { !times[$0].isFinite || times[$0] < 0 }) {
      throw KeyEventError.badScores(
        path: path, found: "timestamp \(times[place]) at place \(place)",
        expected: "seconds, 0 or more")
    }
    if let last = [times.last, contents.duration].compactMap({ $0 }).max(), last > longestSeconds {
      throw KeyEventError.badScores(
        path: path, found: "a time of \(last)",
        expected: "seconds, at most \(Int(longestSeconds)); milliseconds and nanoseconds must be "
          + "divided")
    }
    if let place = times.indices.dropFirst().first(where: { times[$0] < times[$0 - 1] }) {
      throw KeyEventError.badScores(
        path: path,
        found: "timestamp \(times[place]) after \(times[place - 1]), at place \(place)",
        expected: "timestamps in ascending order")
    }
    guard let duration = contents.duration else { return }
    guard duration.isFinite, duration >= times.last ?? 0 else {
      throw KeyEventError.badScores(
        path: path, found: "duration \(duration)",
        expected: "at least the last timestamp, \(times.last ?? 0)")
    }
  }
}
