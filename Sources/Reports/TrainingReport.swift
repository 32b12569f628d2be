import Foundation

/// The content of a training report: the curves of one or several runs.
/// `TrainingReportPage` draws it.
public struct TrainingReport: Sendable, Equatable {
  /// The headline, such as "Training on demo".
  public var title: String
  /// The data set's name.
  public var dataset: String
  public var created: Date
  /// Remarks under the headline: settings, caveats, the exact command.
  public var notes: [String]
  public var runs: [TrainingReportRun]

  public init(
    title: String, dataset: String, created: Date = Date(), notes: [String] = [],
    runs: [TrainingReportRun]
  ) {
    self.title = title
    self.dataset = dataset
    self.created = created
    self.notes = notes
    self.runs = runs
  }

  /// Rejects content that cannot be drawn truthfully: two runs with one name, and steps that
  /// are negative or not ascending. Non-finite values are allowed: a diverged run is shown
  /// as such.
  ///
  /// - Throws: `ReportError`.
  public func validate() throws {
    var names: Set<String> = []
    for run in runs {
      guard names.insert(run.name).inserted else { throw ReportError.repeatedRun(name: run.name) }
      let learningRate = TrainingSeries(name: "learning rate", points: run.learningRate)
      for series in run.losses + run.validation + [learningRate] {
        var last = -1
        for point in series.points {
          guard point.step > last else {
            throw ReportError.badSeries(run: run.name, series: series.name, step: point.step)
          }
          last = point.step
        }
      }
    }
  }
}

/// One run of a training report.
public struct TrainingReportRun: Sendable, Equatable {
  /// The run's name, unique in the report.
  public var name: String
  /// The model, such as "dbvad".
  public var model: String
  /// The seed; nil if the run has none.
  public var seed: UInt64?
  /// The run's state in words, such as "finished" or "step 120 of 400".
  public var state: String
  /// The terms of the loss by step. Terms of the same name share one chart.
  public var losses: [TrainingSeries]
  /// Metrics on held-out data by step; empty without validation.
  public var validation: [TrainingSeries]
  /// The learning rate by step; empty if it was not recorded.
  public var learningRate: [TrainingPoint]

  public init(
    name: String, model: String, seed: UInt64? = nil, state: String, losses: [TrainingSeries],
    validation: [TrainingSeries] = [], learningRate: [TrainingPoint] = []
  ) {
    self.name = name
    self.model = model
    self.seed = seed
    self.state = state
    self.losses = losses
    self.validation = validation
    self.learningRate = learningRate
  }

  /// The last recorded step of any series; nil without steps.
  var lastStep: Int? {
    ((losses + validation).compactMap { $0.points.last?.step }
      + [learningRate.last?.step].compactMap { $0 }).max()
  }
}

/// A value by step, such as one term of the loss.
public struct TrainingSeries: Sendable, Equatable {
  public var name: String
  /// In order of their steps.
  public var points: [TrainingPoint]

  public init(name: String, points: [TrainingPoint]) {
    self.name = name
    self.points = points
  }
}

/// The value of a series at one step.
public struct TrainingPoint: Sendable, Equatable {
  /// The step, 0 or more.
  public var step: Int
  /// The value. A non-finite one breaks the line and appears in the table.
  public var value: Double

  public init(step: Int, value: Double) {
    self.step = step
    self.value = value
  }
}
