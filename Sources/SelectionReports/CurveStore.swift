import Foundation
import KeyEvents
import Records
import Workspaces

/// Relevance curves on disk, so that another strategy or another number of frames
/// costs no decoding: `<folder>/<key>/<id>.json`, and `<id>.npy` with an embedding a
/// candidate beside it.
///
/// The key stands for the scorer, its prompts, the gate and the density of
/// candidates; a video file that has changed is scored again. Files are written
/// atomically, the record last, so several threads may fill one store.
public struct CurveStore: Sendable {
  public let folder: URL
  /// Candidates are dense enough for `options.frames`; the strategy is not read.
  public let options: SelectionOptions

  public init(folder: URL, options: SelectionOptions) {
    self.folder = folder
    self.options = options
  }

  /// A curve with embeddings, and how the video's frames are timed.
  public struct StoredCurve: Sendable {
    public var curve: RelevanceCurve
    /// Decoded frames a second on average: annotations count frames.
    public var frameRate: Double
    public var wasStored: Bool
  }

  private struct Record: Codable {
    var format = 1
    var fingerprint: VideoFingerprint
    var scorer: ScorerIdentity
    var queries: [String]
    var embeddingsBy: String
    var timestampSeconds: [Double]
    var relevance: [Double?]
    var durationSeconds: Double
    var frameCount: Int

    /// Whether it can be a curve, and is of this version.
    var isWhole: Bool {
      format == 1 && relevance.count == timestampSeconds.count
        && RelevanceCurve.areTimes(timestampSeconds)
    }
  }

  /// Whether a video's curve is there, made from the file as it is now.
  public func holds(id: String, path: String, scorer: any RelevanceScorer) -> Bool {
    guard let record = record(in: files(id, scorer)) else { return false }
    let now = try? VideoFingerprint.measure(path: path, known: record.fingerprint)
    return now?.hash == record.fingerprint.hash
  }

  /// The curve of a video: from the store, or scored and stored.
  ///
  /// - Throws: what decoding and scoring throw.
  public func curve(id: String, path: String, scorer: any RelevanceScorer) throws -> StoredCurve {
    let (recordFile, vectorFile) = files(id, scorer)
    let known = record(in: (recordFile, vectorFile))
    let fingerprint = try VideoFingerprint.measure(path: path, known: known?.fingerprint)
    if let known, known.fingerprint.hash == fingerprint.hash,
      let embeddings = try? CandidateEmbeddings.read(
        vectorFile, count: known.timestampSeconds.count)
    {
      return stored(known, embeddings: embeddings, wasStored: true)
    }
    let observer = AppearanceScorer(scorer)
    let scored = try ScoredCandidates(path: path, options: options, scorer: observer)
    let record = Record(
      fingerprint: fingerprint, scorer: scorer.identity, queries: scorer.queries,
      embeddingsBy: observer.embeddingsBy, timestampSeconds: scored.curve.timestamps,
      relevance: scored.curve.relevance, durationSeconds: scored.curve.durationSeconds,
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
        durationSeconds: record.durationSeconds, embeddings: embeddings),
      frameRate: Double(record.frameCount) / max(record.durationSeconds, 1e-9),
      wasStored: wasStored)
  }

  private func files(_ id: String, _ scorer: any RelevanceScorer) -> (record: URL, vectors: URL) {
    let place = folder.appendingPathComponent(key(of: scorer))
    return (place.appendingPathComponent("\(id).json"), place.appendingPathComponent("\(id).npy"))
  }

  /// What is stored of a video; nil where it must be scored.
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
