import Foundation
import Records
import Training
import Workspaces

/// How the weights are chosen.
public enum ReproductionProtocol: String, Codable, Sendable, CaseIterable {
  /// The last epoch's weights: test videos choose nothing.
  case fixed
  /// As the authors' code: the best on the test set.
  case legacy
}

/// A published protocol carried out, and its figures beside the published ones:
/// `report/reproduce.json`.
public struct Reproduction: Codable, Sendable, Equatable {
  /// The format that this version writes and reads.
  public static let currentFormat = 1

  /// A step that is not as in the published protocol.
  public struct Difference: Codable, Sendable, Equatable {
    public var step: String
    public var published: String
    public var here: String

    /// `features: published ..., here ...`.
    public var line: String { "\(step): published \(published); here \(here)" }
  }

  /// One figure beside the published one, in percent.
  public struct Figure: Codable, Sendable, Equatable {
    public var measure: ReproducedMeasure
    /// By run, in the order of the seeds.
    public var values: [Double]
    /// Nil where nobody reports one.
    public var published: PublishedFigure?
    public var expected: ClosedRange<Double>?

    public init(
      measure: ReproducedMeasure, values: [Double], published: PublishedFigure?,
      expected: ClosedRange<Double>?
    ) {
      self.measure = measure
      self.values = values
      self.published = published
      self.expected = expected
    }

    public var mean: Double { values.reduce(0, +) / Double(max(1, values.count)) }

    /// How the mean lies to the expected range, in words.
    public var verdict: String {
      guard let expected else { return "no range is known" }
      if mean < expected.lowerBound {
        return String(format: "%.2f below the range", expected.lowerBound - mean)
      }
      if mean > expected.upperBound {
        return String(format: "%.2f above the range", mean - expected.upperBound)
      }
      return "within"
    }
  }

  public var format = Self.currentFormat
  public var dataset: String
  public var model: String
  /// Base and ablations.
  public var presets: [String]
  public var selection: ReproductionProtocol
  /// How each run's weights were chosen on the test set; empty for `fixed`.
  public var testSelections: [TestSelectionRecord]
  public var runs: [String]
  public var seeds: [UInt64]
  public var figures: [Figure]
  /// Frame AUC by the official reading of the annotation, beside the figures' own, in percent.
  public var officialAreas: [Double]
  public var differences: [Difference]
  /// Why runs have no figures, a line each.
  public var failures: [String]
  /// What a reader must know.
  public var notes: [String]

  /// The titles over `rows`.
  public static let titles = [
    "figure", "here, %", "published", "expected", "verdict", "source", "trained again",
  ]

  /// The figures as rows of a table.
  public var rows: [[String]] {
    figures.map { figure in
      func percent(_ value: Double) -> String { String(format: "%.2f", value) }
      var here = percent(figure.mean)
      if figure.values.count > 1, let least = figure.values.min(), let most = figure.values.max() {
        here += " (\(percent(least)) to \(percent(most)))"
      }
      return [
        figure.measure.rawValue, here, figure.published.map { percent($0.published.value) } ?? "-",
        figure.expected.map { "\(percent($0.lowerBound)) to \(percent($0.upperBound))" } ?? "-",
        figure.verdict, figure.published?.published.source ?? "-",
        figure.published.map { item in
          item.retrained.isEmpty
            ? "-"
            : item.retrained.map { "\(percent($0.value)) (\($0.source))" }.joined(separator: ", ")
        } ?? "-",
      ]
    }
  }

  /// What came of it, a line each, for under the table.
  public var lines: [String] {
    var lines = testSelections.prefix(1).map { "LEGACY: \($0.sentence)" }
    lines += failures
    let outside = figures.filter { figure in
      figure.expected.map { !$0.contains(figure.mean) } ?? false
    }
    if differences.isEmpty {
      lines.append("no step that can be checked differs from the published protocol")
    } else {
      lines.append(
        "\(differences.count) step\(differences.count == 1 ? " differs" : "s differ") from the "
          + "published protocol:")
      lines += differences.map { "  \($0.line)" }
    }
    for figure in outside {
      lines.append(
        "\(figure.measure.rawValue) is \(figure.verdict)"
          + (differences.isEmpty
            ? ": no step explains it; train more seeds" : ": the steps above may explain it"))
    }
    return lines + notes
  }

  /// The file in a workspace.
  public static func file(in workspace: Workspace) -> URL {
    workspace.reportFolder.appendingPathComponent("reproduce.json")
  }
}
