import Datasets
import Encoders
import Foundation
import Records
import Tensors
import Workspaces

/// Snippet features of many videos: what is missing is extracted, one video a
/// thread.
public struct VisualFeatureStage: Sendable {
  /// One video's features, or why there are none.
  public enum Outcome: Sendable {
    case ready(features: Tensor<Float>, record: SnippetFeatureRecord, wasCached: Bool)
    case failed(reason: String)

    public var isFailure: Bool {
      if case .failed = self { return true }
      return false
    }

    public var wasCached: Bool {
      if case .ready(_, _, let wasCached) = self { return wasCached }
      return false
    }
  }

  public let store: SnippetFeatureStore
  private let jobs: Int

  /// Writes the stage's record.
  public func log(_ outcomes: [String: Outcome], seconds: Double, to workspace: Workspace) throws {
    let failed = outcomes.values.count(where: \.isFailure)
    try StageLog.write(
      StageRecord(
        stage: "features", isBuiltIn: store.encoder.identity.kind == "builtin",
        used: store.encoder.identity.description, items: outcomes.count - failed,
        itemName: "videos", kept: outcomes.values.count(where: \.wasCached), failed: failed,
        seconds: seconds), to: workspace)
  }

  public init(store: SnippetFeatureStore, jobs: Int) {
    self.store = store
    self.jobs = jobs
  }

  /// The outcome of every video, by id; videos that an interruption kept from
  /// beginning are missing.
  ///
  /// Each failure is printed as a warning when it happens.
  public func run(
    _ videos: [(id: String, path: String)], interruption: Interruption, label: String = "features"
  ) -> [String: Outcome] {
    let progress = ProgressLine(label, total: videos.count)
    let outcomes = VideoWorkers.map(
      videos, jobs: jobs, until: interruption
    ) { [store] video in
      let outcome: Outcome
      do {
        let result = try store.features(id: video.id, path: video.path)
        outcome = .ready(
          features: result.features, record: result.record, wasCached: result.wasCached)
        progress.advance()
      } catch {
        let reason = "\(error)"
        Console.warning(reason)
        outcome = .failed(reason: reason)
        progress.advance(failed: true)
      }
      return (video.id, outcome)
    }
    progress.finish()
    return Dictionary(outcomes.compactMap { $0 }, uniquingKeysWith: { first, _ in first })
  }
}
