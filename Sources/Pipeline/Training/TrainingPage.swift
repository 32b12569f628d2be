import Detectors
import Foundation
import Records
import Reports
import Training
import Workspaces

/// The training page of a workspace, `report/training.html`: loss terms by step, validation
/// and learning rate of the runs of one training.
enum TrainingPage {
  /// At most this many points per line: a page of a long training stays small.
  private static let mostPoints = 500

  /// Writes the page from the runs' own metrics files.
  ///
  /// - Returns: its file; nil where no run has made a step.
  static func write(
    _ summary: [TrainingSummary.Run], registry: DetectorRegistry, title: String, dataset: String,
    to workspace: Workspace
  ) throws -> URL? {
    let runs = try summary.compactMap { run -> TrainingReportRun? in
      guard let plan = run.plan else { return nil }
      let folder = workspace.runFolder(run.id)
      let steps = thinned(TrainingLog.steps(in: folder))
      guard !steps.isEmpty else { return nil }
      let terms = Set(steps.flatMap(\.losses.keys)).sorted()
      func series(_ name: String, _ value: (StepMetrics) -> Double?) -> TrainingSeries {
        TrainingSeries(
          name: name,
          points: steps.compactMap { step in
            value(step).map { TrainingPoint(step: step.step, value: $0) }
          })
      }
      let epochs = TrainingLog.epochs(in: folder)
      func validation(_ name: String, _ value: (EpochMetrics) -> Double?) -> TrainingSeries? {
        var step = 0
        let points = epochs.compactMap { epoch -> TrainingPoint? in
          step += epoch.steps
          return value(epoch).map { TrainingPoint(step: step, value: $0) }
        }
        return points.isEmpty ? nil : TrainingSeries(name: name, points: points)
      }
      return TrainingReportRun(
        name: "\(plan.variant), seed \(plan.training.seed)",
        model: try registry.family(plan.model).title, seed: plan.training.seed,
        state: run.state.rawValue,
        losses: terms.map { term in series(term) { $0.losses[term] } }
          + (terms.count > 1 ? [series("total", \.loss)] : []),
        validation: [
          validation("validation loss", \.validationLoss),
          validation("validation AUC", \.validationAUC),
        ].compactMap { $0 },
        learningRate: series("learning rate", \.learningRate).points)
    }
    guard !runs.isEmpty else { return nil }
    let page = workspace.reportFolder.appendingPathComponent("training.html")
    try TrainingReportPage(
      report: TrainingReport(
        title: title, dataset: dataset, created: Date(),
        notes: summary.compactMap(\.record?.testSelection?.sentence).prefix(1)
          + ["Values of single steps, before the terms' weights; total is what was minimised."],
        runs: runs)
    ).write(to: page)
    return page
  }

  /// Evenly spread steps, the last one among them.
  private static func thinned(_ steps: [StepMetrics]) -> [StepMetrics] {
    guard steps.count > mostPoints else { return steps }
    return (0..<mostPoints).map { steps[$0 * (steps.count - 1) / (mostPoints - 1)] }
  }
}
