import Foundation
import Records
import Tensors

/// A relevance curve from a file. Scores of any origin can thus drive every strategy
/// without a video.
///
/// JSON: `{"timestamps": [seconds], "relevance": [number or null]}`, optionally
/// `"embeddings": "FILE.npy"` ([N, width], beside the JSON) and `"duration":
/// seconds`. Or a .npy array [N, 2] of timestamps and relevance. A null or NaN relevance
/// means unscored. Times are in seconds, ascending, 0 or more.
public struct ScoreFile: Sendable {
  public let curve: RelevanceCurve
  /// The file as the selection record describes it.
  public let scores: SelectionScores

  private struct Contents: Decodable {
    var timestamps: [Double]
    var relevance: [Double?]
    var embeddings: String?
    var duration: Double?
  }

  /// - Throws: `KeyEventError.badScores` for invalid contents, `RecordError` for an
  ///   unreadable file or other JSON, and `TensorError` for a damaged array.
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

  /// The file as the scorer of its selections.
  public var scorer: ScorerIdentity {
    ScorerIdentity(kind: "scores", model: scores.path, weightsHash: scores.sha256)
  }

  /// Selects from the curve.
  ///
  /// - Throws: `KeySelectionError`.
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
    // Python's json module writes NaN literally.
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

  /// Some three hundred years. A greater time is not in seconds.
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

/// Candidates' embeddings as a .npy array [N, width]. A row of NaN stands for a candidate
/// without embedding.
public enum CandidateEmbeddings {
  /// The rows, nil for a candidate without embedding.
  ///
  /// - Throws: `TensorError` for a file without an array, `KeyEventError.badScores` for a
  ///   shape other than [`count`, width].
  public static func read(_ file: URL, count: Int) throws -> [[Float]?] {
    let array = try Npy.read(file)
    guard array.rank == 2, array.extent(0) == count, array.extent(1) > 0 else {
      throw KeyEventError.badScores(
        path: file.path, found: "embeddings of shape \(array.shape)",
        expected: "[\(count), width], a row for each timestamp")
    }
    let width = array.extent(1)
    return (0..<count).map { place in
      let row = Array(array.scalars[(place * width)..<((place + 1) * width)])
      // A row that is zero or non-finite is no embedding.
      return row.allSatisfy(\.isFinite) && row.contains { $0 != 0 } ? row : nil
    }
  }

  /// - Throws: `KeyEventError.noEmbeddings` if no candidate has one,
  ///   `RecordError.cannotWrite`.
  public static func write(_ embeddings: [[Float]?], to file: URL) throws {
    guard let width = embeddings.lazy.compactMap({ $0?.count }).first else {
      throw KeyEventError.noEmbeddings(path: file.path)
    }
    let missing = [Float](repeating: .nan, count: width)
    try Npy.write(
      Tensor(shape: [embeddings.count, width], scalars: embeddings.flatMap { $0 ?? missing }),
      to: file)
  }
}
