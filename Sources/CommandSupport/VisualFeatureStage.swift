import Datasets
import Encoders
import Foundation
import Records
import Workspaces

/// Snippet features of many videos: what is missing is extracted, one video a
/// thread.
public struct VisualFeatureStage: Sendable {
  /// One video's features, which are in the store then, or why there are none.
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

  public init(store: SnippetFeatureStore, jobs: Int) {
    self.store = store
    self.jobs = jobs
  }

  /// Who makes, or made, the features.
  public var identity: EncoderIdentity { store.provenance.encoder }

  /// Writes the stage's record.
  public func log(_ outcomes: [String: Outcome], seconds: Double, to workspace: Workspace) throws {
    let failed = outcomes.values.count(where: \.isFailure)
    try StageLog.write(
      StageRecord(
        stage: "features", isBuiltIn: identity.kind == "builtin", used: identity.description,
        items: outcomes.count - failed, itemName: "videos",
        kept: outcomes.values.count(where: \.wasStored), failed: failed, seconds: seconds),
      to: workspace)
  }

  /// What stands for a video's content in the store; nil where it cannot be read.
  static func contentHash(of path: String) -> String? {
    try? VideoFingerprint.measure(path: path).hash
  }

  /// The outcome of every video, by id; videos that an interruption kept from
  /// beginning are missing, and one that is under way is finished first.
  ///
  /// Failures are listed at the end, one line each.
  public func run(
    _ videos: [(id: String, path: String)], interruption: Interruption, label: String = "features"
  ) -> [String: Outcome] {
    let progress = ProgressLine(label, total: videos.count, itemName: "videos")
    let threads = VideoWorkers.threads(jobs: jobs, videos: videos.count)
    let outcomes = VideoWorkers.map(
      videos, jobs: jobs, until: interruption
    ) { [store] video in
      let outcome: Outcome
      do {
        let result = try store.prepare(
          id: video.id, path: video.path, contentHash: Self.contentHash(of: video.path),
          threads: threads, progress: { progress.reached($0, of: video.id) })
        outcome = .ready(record: result.record, wasStored: result.wasStored)
      } catch let error as any ReportableError {
        outcome = .failed(error)
      } catch {
        outcome = .failed(
          CommandError.notReady(
            subject: video.path, finding: "\(error)", remedy: "check the file"))
      }
      progress.advance(failed: outcome.isFailure, item: video.id)
      return (video.id, outcome)
    }
    progress.finish()
    for case (_, .failed(let error))? in outcomes { Console.error(error.description) }
    return Dictionary(outcomes.compactMap { $0 }, uniquingKeysWith: { first, _ in first })
  }
}
