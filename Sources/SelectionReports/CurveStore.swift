import Foundation
import KeyEvents
import Records
import Tensors
import Workspaces

/// Relevance curves on disk, so that another strategy or another number of frames
/// costs no decoding: `<folder>/<key>/<id>.json`, and `<id>.npy` with an appearance
/// vector a candidate beside it.
///
/// The key stands for the scorer, its prompts and the density of candidates; a
/// video file that has changed is scored again. Files are written atomically, the
/// record last, so several threads may fill one store.
public struct CurveStore: Sendable {
  public let folder: URL
  /// Candidates are dense enough for so many frames.
  public let frames: Int

  public init(folder: URL, frames: Int) {
    self.folder = folder
    self.frames = frames
  }

  /// A curve, how its candidates look, and how the video's frames are timed.
  public struct StoredCurve: Sendable {
    public var curve: RelevanceCurve
    /// One appearance vector a candidate.
    public var vectors: [[Float]]
    /// Decoded frames a second on average: annotations count frames.
    public var frameRate: Double
    public var wasStored: Bool
  }

  private struct Record: Codable {
    var format = 1
    var fingerprint: VideoFingerprint
    var scorer: ScorerIdentity
    var queries: [String]
    var vectorsBy: String
    var timestampSeconds: [Double]
    var relevance: [Double?]
    var durationSeconds: Double
    var frameCount: Int
  }

  /// The curve of a video: from the store, or scored and stored.
  ///
  /// - Throws: what decoding and scoring throw.
  public func curve(id: String, path: String, scorer: any RelevanceScorer) throws -> StoredCurve {
    let place = folder.appendingPathComponent(key(of: scorer))
    let recordFile = place.appendingPathComponent("\(id).json")
    let vectorFile = place.appendingPathComponent("\(id).npy")
    let known = try? JSONRecord.read(Record.self, from: recordFile)
    let fingerprint = try VideoFingerprint.measure(path: path, known: known?.fingerprint)
    if let known, known.fingerprint.hash == fingerprint.hash,
      let vectors = try? Npy.read(vectorFile), vectors.rank == 2,
      vectors.extent(0) == known.timestampSeconds.count
    {
      return stored(known, vectors: vectors, wasStored: true)
    }
    let observer = AppearanceScorer(scorer)
    let selection = try KeyEventSelector.select(
      path: path, options: SelectionOptions(frames: frames), scorer: observer)
    let rows = FrameAppearance.vectors(of: observer.appearances)
    let record = Record(
      fingerprint: fingerprint, scorer: scorer.identity, queries: scorer.queries,
      vectorsBy: FrameAppearance.name, timestampSeconds: selection.curve.timestamps,
      relevance: selection.curve.relevance, durationSeconds: selection.curve.durationSeconds,
      frameCount: selection.record.video.frameCount)
    let vectors = Tensor(
      shape: [rows.count, rows.first?.count ?? 0], scalars: rows.flatMap(\.self))
    try Npy.write(vectors, to: vectorFile)
    try JSONRecord.write(record, to: recordFile)
    return stored(record, vectors: vectors, wasStored: false)
  }

  private func stored(
    _ record: Record, vectors: Tensor<Float>, wasStored: Bool
  ) -> StoredCurve {
    StoredCurve(
      curve: RelevanceCurve(
        timestamps: record.timestampSeconds, relevance: record.relevance,
        durationSeconds: record.durationSeconds),
      vectors: (0..<vectors.extent(0)).map { vectors[row: $0].scalars },
      frameRate: Double(record.frameCount) / max(record.durationSeconds, 1e-9),
      wasStored: wasStored)
  }

  private func key(of scorer: any RelevanceScorer) -> String {
    var hash = ContentHash()
    let identity = scorer.identity
    for part in [
      identity.kind, identity.model, identity.revision ?? "", identity.weightsHash ?? "",
      FrameAppearance.name, "\(frames)",
    ] + scorer.queries {
      hash.update(part)
    }
    return "\(identity.kind)-\(frames)-\(hash.finalize().prefix(10))"
  }
}
