import Datasets
import Encoders
import Foundation
import Records
import Workspaces

/// Extracts the snippet features that a store does not contain yet, one thread per video.
public struct VisualFeatureStage: Sendable {
  /// The record of one video's stored features, or the reason why there are none.
  public enum Outcome: Sendable {
    case ready(record: SnippetFeatureRecord, wasStored: Bool)
    case failed(any ReportableError)

    public var isFailure: Bool { record == nil }

    public var record: SnippetFeatureRecord? {
      if case .ready(let record, _) = self { return record }
      return nil
    }

    public var wasStored: Bool {
      if case .ready(_, let wasStored) = self { return wasStored }
      return false
    }
  }

  public let store: SnippetFeatureStore
  private let jobs: Int
  private let contentHash: @Sendable (String) throws -> String

  /// - Parameter contentHash: the content hash of the video at a path; `Ledger.contentHash(of:)`
  ///   where there is a workspace. The default measures the file.
  public init(
    store: SnippetFeatureStore, jobs: Int,
    contentHash: @escaping @Sendable (String) throws -> String = Self.measuredHash
  ) {
    self.store = store
    self.jobs = jobs
    self.contentHash = contentHash
  }

  /// The content hash by a workspace's ledger, or measured if there is none.
  public static func contentHash(by ledger: Ledger?) -> @Sendable (String) throws -> String {
    guard let ledger else { return measuredHash }
    return { try ledger.contentHash(of: $0) }
  }

  /// The content hash of a video that no ledger knows.
  ///
  /// - Throws: `RecordError.unreadableVideo`.
  @Sendable public static func measuredHash(of path: String) throws -> String {
    try VideoFingerprint.measure(path: path).hash
  }

  /// The encoder of the features.
  public var identity: EncoderIdentity { store.provenance.encoder }

  /// Writes the stage's record to `stages.json` of a workspace.
  public func log(_ outcomes: [String: Outcome], seconds: Double, to workspace: Workspace) throws {
    let failed = outcomes.values.count(where: \.isFailure)
    try StageLog.write(
      StageRecord(
        stage: "features", isBuiltIn: identity.kind == "builtin", used: identity.description,
        items: outcomes.count - failed, itemName: "videos",
        kept: outcomes.values.count(where: \.wasStored), failed: failed, seconds: seconds),
      to: workspace)
  }

  /// Extracts what is missing and reports each failure at the end.
  ///
  /// - Returns: the outcome of each video, by id. Videos that a stop kept from starting are
  ///   missing; the ones under way are finished first.
  public func run(
    _ videos: [(id: String, path: String)], label: String = "features",
    reporter: StageReporter = .silent, stop: StopSignal = StopSignal()
  ) -> [String: Outcome] {
    reporter.begin(label, total: videos.count, itemName: "videos")
    let threads = Parallel.threadsPerItem(jobs: jobs, items: videos.count)
    let outcomes = Parallel.map(videos, jobs: jobs, until: stop) {
      [store, contentHash] video in
      let outcome: Outcome
      do {
        let result = try store.prepare(
          id: video.id, path: video.path, contentHash: try contentHash(video.path),
          threads: threads, progress: { reporter.reached($0, of: video.id) })
        outcome = .ready(record: result.record, wasStored: result.wasStored)
      } catch let error as any ReportableError {
        outcome = .failed(error)
      } catch {
        outcome = .failed(
          PipelineError.notReady(
            subject: video.path, finding: "\(error)", remedy: "check the file"))
      }
      reporter.advance(failed: outcome.isFailure, item: video.id)
      return (video.id, outcome)
    }
    reporter.end()
    for case (_, let outcome)? in outcomes {
      if case .failed(let error) = outcome { reporter.failure(error.description) }
      for warning in outcome.record?.warnings ?? [] { reporter.warning(warning) }
    }
    return Dictionary(outcomes.compactMap { $0 }, uniquingKeysWith: { first, _ in first })
  }
}
