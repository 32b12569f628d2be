import Evaluation
import Foundation

extension EvaluationSummary {
  /// mAP@IoU as rows of a table: a row for each variant and form, in percent, as mean and
  /// standard deviation over the seeds. Empty for detectors without class scores.
  public var segmentRows: [[String]] {
    variants.flatMap { variant in
      segmentRows(of: variant).map { row in
        row.prefix(1) + (variants.count > 1 ? [label(of: variant)] : []) + row.dropFirst()
      }
    }
  }

  /// The same of one variant, which the rows do not name.
  func segmentRows(of variant: String) -> [[String]] {
    let results = segments(of: variant)
    guard !results.isEmpty else { return [] }
    return Self.forms.compactMap { form in
      let figures = results.compactMap { form.figures($0) }
      guard figures.count == results.count else { return nil }
      return [form.title] + Self.cells(figures)
    }
  }

  /// The titles over `segmentRows(of:)`.
  static let segmentVariantTitles = ["mAP@IoU, %"] + overlapTitles

  /// The titles over `segmentRows`; one for the variant where there are several.
  public var segmentTitles: [String] {
    ["mAP@IoU, %"] + (variants.count > 1 ? ["variant"] : []) + Self.overlapTitles
  }

  /// Average precision by class, in percent, of one variant: over abnormal videos in the fixed
  /// form, with the number of events. Empty for detectors without class scores.
  public func segmentClassRows(of variant: String) -> [[String]] {
    let results = segments(of: variant)
    guard let first = results.first else { return [] }
    let classes = first.fixed.abnormalVideos.classes.indices.map { index in
      (first.fixed.abnormalVideos.classes[index], results.map { $0.fixed.abnormalVideos.classes })
    }
    return classes.enumerated().map { index, item in
      [item.0.className, "\(item.0.eventCount)"]
        + (item.0.eventCount == 0
          ? Self.overlapTitles.map { _ in "-" }
          : Self.cells(item.1.map { $0[index].averagePrecision }))
    }
  }

  /// The titles over `segmentClassRows`.
  public static let segmentClassTitles = ["AP@IoU, %", "events"] + overlapTitles

  /// What a reader of the table must know.
  public var segmentNote: String? {
    guard let result = runs.compactMap(\.segments).first else { return nil }
    var parts = [
      "vadclip-legacy is the form of VadCLIP's code: all videos, and the normal class counts "
        + (result.legacy.truth.hasNormalEvents
          ? "with every normal video as an event." : "without any event, so with 0.")
    ]
    let silent = Set(runs.compactMap(\.segments).flatMap(\.legacy.classesWithoutProposals))
    if !silent.isEmpty {
      parts.append(
        "It is 0 for runs where a class has no proposal (\(silent.sorted().joined(separator: ", ")))."
      )
    }
    parts.append(
      "fixed counts the anomaly classes with events; any class takes the proposals of 1 minus the "
        + "normal class's score.")
    if !result.unscoredClasses.isEmpty {
      parts.append(
        "Annotated, but not scored: \(result.unscoredClasses.joined(separator: ", ")).")
    }
    return parts.joined(separator: " ")
  }

  /// Why detectors with class scores have no mAP@IoU; nil where they have it.
  public var segmentReason: String? {
    runs.compactMap(\.segmentsReason).first.map { "no mAP@IoU: \($0)" }
  }

  /// The results of a variant's runs; empty unless all have one.
  private func segments(of variant: String) -> [SegmentResult] {
    let members = runs.filter { $0.variant == variant }
    let results = members.compactMap(\.segments)
    return results.count == members.count ? results : []
  }

  private static let overlapTitles = ["0.1", "0.2", "0.3", "0.4", "0.5", "AVG"]

  private static let forms: [(title: String, figures: @Sendable (SegmentResult) -> [Double]?)] = [
    ("vadclip-legacy", { figures($0.legacy.population) }),
    ("fixed, abnormal videos", { figures($0.fixed.abnormalVideos) }),
    ("fixed, all videos", { figures($0.fixed.allVideos) }),
    ("any class, abnormal videos", { $0.fixed.anyClass?.abnormalVideos.averagePrecision }),
    ("any class, all videos", { $0.fixed.anyClass?.allVideos.averagePrecision }),
  ]

  private static func figures(_ population: SegmentPopulation) -> [Double]? {
    population.average == nil ? nil : population.meanAveragePrecision
  }

  /// A cell for each overlap and one for their mean, over runs.
  private static func cells(_ runs: [[Double]]) -> [String] {
    let withAverage = runs.map { $0 + [$0.reduce(0, +) / Double($0.count)] }
    return overlapTitles.indices.map { place in
      meanAndSpread(withAverage.map { $0[place] }, digits: 2)
    }
  }
}
