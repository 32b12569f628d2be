import Foundation
import KeyEvents
import Records
import Video
import Workspaces

/// Relevance curves on disk, so that other strategies and other numbers of frames need no
/// decoding: `<folder>/<key>/<id>.json`, and beside it `<id>.npy` with one embedding per
/// candidate.
///
/// The key identifies the scorer, its prompts, the gate and the density of candidates. A
/// changed video file is scored again. Files are written atomically, the record last, so
/// several threads may fill one store.
public struct CurveStore: Sendable {
  public let folder: URL
  /// `frames` decides the density of candidates. The strategy is ignored.
  public let options: SelectionOptions
  private let fingerprint: (@Sendable (String) throws -> VideoFingerprint)?

  /// - Parameter fingerprint: the fingerprint of the video at a path, as
  ///   `Ledger.fingerprint(of:)`; nil to measure a file whose size or time differ from the
  ///   stored curve's.
  public init(
    folder: URL, options: SelectionOptions,
    fingerprint: (@Sendable (String) throws -> VideoFingerprint)? = nil
  ) {
    self.folder = folder
    self.options = options
    self.fingerprint = fingerprint
  }

  private func fingerprint(of path: String, known: VideoFingerprint?) throws -> VideoFingerprint {
    try fingerprint?(path) ?? .measure(path: path, known: known)
  }

  /// A curve with embeddings, and the video's frame rate.
  public struct StoredCurve: Sendable {
    public var curve: RelevanceCurve
    /// Decoded frames per second on average, because annotations count frames.
    public var frameRate: Double
    public var wasStored: Bool
  }

  private struct Record: Codable {
    var format = 2
    var fingerprint: VideoFingerprint
    var view: VideoViewRecord?
    var scorer: ScorerIdentity
    var queries: [String]
    var embeddingsBy: String
    var timestampSeconds: [Double]
    var relevance: [Double?]
    /// The scorer's looks; absent if the embeddings give them.
    var looks: [Int]?
    var durationSeconds: Double
    var frameCount: Int

    /// Whether the record is complete and of this version.
    var isWhole: Bool {
      format == 2 && (looks?.count ?? relevance.count) == relevance.count
        && relevance.count == timestampSeconds.count
        && RelevanceCurve.areTimes(timestampSeconds)
    }
  }

  /// Whether the store contains the curve of the video's current file.
  public func holds(
    id: String, path: String, view: VideoView = .asRecorded, scorer: any RelevanceScorer
  ) -> Bool {
    guard let record = record(in: files(id, scorer)), record.view == view.record else {
      return false
    }
    let now = try? fingerprint(of: path, known: record.fingerprint)
    return now?.hash == record.fingerprint.hash
  }

  /// The curve of a video, from the store or newly scored and stored.
  ///
  /// - Throws: the errors of decoding and of the scorer.
  public func curve(
    id: String, path: String, view: VideoView = .asRecorded, scorer: any RelevanceScorer
  ) throws -> StoredCurve {
    let (recordFile, vectorFile) = files(id, scorer)
    let known = record(in: (recordFile, vectorFile))
    let fingerprint = try fingerprint(of: path, known: known?.fingerprint)
    if let known, known.fingerprint.hash == fingerprint.hash, known.view == view.record,
      let embeddings = try? CandidateEmbeddings.read(
        vectorFile, count: known.timestampSeconds.count)
    {
      return stored(known, embeddings: embeddings, wasStored: true)
    }
    let observer = AppearanceScorer(scorer)
    try options.validate()
    let scored = try ScoredCandidates(
      of: IndexedVideo(path: path, view: view, contentHash: fingerprint.hash), options: options,
      scorer: observer)
    let record = Record(
      fingerprint: fingerprint, view: view.record, scorer: scorer.identity, queries: scorer.queries,
      embeddingsBy: observer.embeddingsBy, timestampSeconds: scored.curve.timestamps,
      relevance: scored.curve.relevance,
      looks: scored.curve.looks.isEmpty ? nil : scored.curve.looks,
      durationSeconds: scored.curve.durationSeconds,
      frameCount: scored.source.indexedFrameCount ?? scored.source.decodableFrameCount
        ?? scored.curve.count)
    try CandidateEmbeddings.write(scored.curve.embeddings, to: vectorFile)
    try JSONRecord.write(record, to: recordFile)
    return stored(record, embeddings: scored.curve.embeddings, wasStored: false)
  }

  private func stored(
    _ record: Record, embeddings: [[Float]?], wasStored: Bool
  ) -> StoredCurve {
    StoredCurve(
      curve: RelevanceCurve(
        timestamps: record.timestampSeconds, relevance: record.relevance,
        durationSeconds: record.durationSeconds, embeddings: embeddings,
        looks: record.looks ?? []),
      frameRate: Double(record.frameCount) / max(record.durationSeconds, 1e-9),
      wasStored: wasStored)
  }

  private func files(_ id: String, _ scorer: any RelevanceScorer) -> (record: URL, vectors: URL) {
    let place = folder.appendingPathComponent(key(of: scorer))
    return (place.appendingPathComponent("\(id).json"), place.appendingPathComponent("\(id).npy"))
  }

  /// The stored record of a video; nil if the video must be scored.
  private func record(in files: (record: URL, vectors: URL)) -> Record? {
    guard let record = try? JSONRecord.read(Record.self, from: files.record), record.isWhole,
      FileManager.default.fileExists(atPath: files.vectors.path)
    else { return nil }
    return record
  }

  private func key(of scorer: any RelevanceScorer) -> String {
    var hash = ContentHash()
    let identity = scorer.identity
    for part in [
      identity.kind, identity.model, identity.revision ?? "", identity.weightsHash ?? "",
      identity.precision ?? "", identity.settingsHash ?? "", FrameAppearance.name,
      "\(options.frames)", options.gate.map { "\($0)" } ?? "off",
    ] {
      hash.update(part)
    }
    return "\(identity.kind)-\(options.frames)-\(hash.finalize().prefix(10))"
  }
}
