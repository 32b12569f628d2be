import Evaluation
import Foundation
import Records

extension ModelComparison {
  /// The titles over `tableRows`.
  public var tableTitles: [String] {
    ["model", "runs", "AUC", "AP"] + (hasClassScores ? Self.classTitles : [])
      + (rows.count > 1 ? ["AUC against \(base ?? "the first")", "AP against it"] : [])
      + ["parameters", "seconds", "memory"]
  }

  /// The columns of models with class scores.
  static let classTitles = ["AUC, class", "AP, class", "mAP@IoU"]

  /// A row per model: means over the seeds, with the range of the seeds.
  public var tableRows: [[String]] {
    tableCells.map { row in
      row.map { cell in
        guard let first = cell.first, cell.count > 1 else { return cell.first ?? "" }
        // `0.8123 (0.8010 to 0.8204)`, `+0.0120 [-0.0051, +0.0302]: not clearly different`.
        return cell.count == 2 ? "\(first) (\(cell[1]))" : "\(first) [\(cell[1])]: \(cell[2])"
      }
    }
  }

  /// The same as lines of cells: a mean over its range; a difference over its interval and the
  /// verdict.
  var tableCells: [[[String]]] {
    rows.map { row in
      let done = row.runs.count { $0.areaUnderROC != nil || $0.averagePrecision != nil }
      let states = Set(row.runs.filter { $0.reason != nil }.map(\.state)).sorted()
      let runs =
        done == row.runs.count && states.isEmpty
        ? "\(done)" : "\(done) of \(row.runs.count) (\(states.joined(separator: ", ")))"
      let classes = [
        Self.lines(row.classAreaUnderROC, digits: 4),
        Self.lines(row.classAveragePrecision, digits: 4),
        Self.lines(row.segments, digits: 2),
      ]
      let differences =
        row.variant == base
        ? [[], []] : [Self.lines(row.areaDifference), Self.lines(row.precisionDifference)]
      return [[row.variant], [runs]]
        + [Self.lines(row.areaUnderROC, digits: 4), Self.lines(row.averagePrecision, digits: 4)]
        + (hasClassScores ? classes : []) + (rows.count > 1 ? differences : [])
        + [
          [row.parameters.map(Self.count) ?? "-"],
          [row.seconds.map { String(format: "%.1f", $0.mean) } ?? "-"],
          [row.memoryBytes.map { "\(max(1, $0 / 1_000_000)) MB" } ?? "-"],
        ]
    }
  }

  private var hasClassScores: Bool { rows.contains(where: \.hasClassScores) }

  private static func lines(_ spread: Spread?, digits: Int) -> [String] {
    guard let spread else { return ["-"] }
    func text(_ value: Double) -> String { String(format: "%.*f", digits, value) }
    guard spread.values.count > 1 else { return [text(spread.mean)] }
    return [text(spread.mean), "\(text(spread.least)) to \(text(spread.greatest))"]
  }

  private static func lines(_ difference: Difference?) -> [String] {
    guard let difference else { return ["-"] }
    let interval =
      difference.interval.map { String(format: "%+.4f, %+.4f", $0.lower, $0.upper) }
      ?? "no interval"
    return [String(format: "%+.4f", difference.difference), interval, difference.verdict]
  }

  /// `812 k`, `1.25 M`.
  private static func count(_ number: Int) -> String {
    switch number {
    case ..<10_000: "\(number)"
    case ..<1_000_000: "\((number + 500) / 1000) k"
    default: String(format: "%.2f M", Double(number) / 1e6)
    }
  }

  /// One sentence for each model beside the first.
  public var sentences: [String] {
    guard let base else { return [] }
    return rows.compactMap { row in
      guard let found = row.areaDifference else { return nil }
      let interval =
        found.interval.map {
          String(format: "95%% interval over videos and seeds %+.4f to %+.4f, ", $0.lower, $0.upper)
        } ?? ""
      return "\(row.variant) against \(base): the frame AUC changes by "
        + String(format: "%+.4f", found.difference)
        + " (\(interval)\(found.betterSeeds) of \(found.seeds) seeds better): \(found.verdict)."
    }
  }

  /// Why runs have no figures, a line each; runs of one model with one reason are one line.
  public var failures: [String] {
    rows.flatMap { row -> [String] in
      var order: [String] = []
      for run in row.runs {
        if let reason = run.reason, !order.contains(reason) { order.append(reason) }
      }
      return order.map { reason in
        let seeds = row.runs.filter { $0.reason == reason }.map { "\($0.seed)" }
        return "\(row.variant), seed\(seeds.count == 1 ? "" : "s") "
          + "\(seeds.joined(separator: ", ")): \(reason)"
      }
    }
  }

  /// What a reader of the table must know.
  public var notes: [String] {
    var notes = [
      "Figures are means over the seeds, with the range of the seeds. A model against another one: the "
        + "95% interval resamples videos alike for all runs, and the seeds that both have. A change "
        + "is called one from \(Difference.leastEffect) on, where the interval leaves out 0 and all "
        + "seeds, of at least two, agree."
    ]
    if hasClassScores {
      notes.append(
        "class: 1 minus the normal class's score (AUC2 and AP2 of VadCLIP). mAP@IoU is the mean over "
          + "the overlaps in percent, in the fixed form over abnormal videos.")
    }
    let silent = rows.filter { !$0.hasClassScores && $0.areaUnderROC != nil }
    if hasClassScores, !silent.isEmpty {
      notes.append(
        "No class scores, hence no mAP@IoU: \(silent.map(\.variant).joined(separator: ", ")).")
    }
    let unlearned = rows.compactMap { row in
      let count = row.runs.count { $0.learnedShare == 0 }
      return count > 0 ? "\(row.variant) (\(count) of \(row.runs.count) runs)" : nil
    }
    if !unlearned.isEmpty {
      notes.append(
        "Scores are the features' own, because held-out videos gave what was learned no share: "
          + "\(unlearned.joined(separator: ", ")). Such runs score alike; --folds 0 compares what "
          + "was learned.")
    }
    if let reason = rows.flatMap(\.runs).compactMap(\.segmentsReason).first {
      notes.append("No mAP@IoU: \(reason)")
    }
    notes.append(
      "Seconds are those of a run's training beside others on shared cores; memory is what a run "
        + "takes by a measured step.")
    return notes
  }

  /// The table as comma-separated values, a row per model, with every figure.
  public var csv: String {
    func spread(_ value: Spread?) -> [String] {
      [value?.mean, value?.least, value?.greatest].map { $0.map { "\($0)" } ?? "" }
    }
    func difference(_ value: Difference?) -> [String] {
      [value?.difference, value?.interval?.lower, value?.interval?.upper].map {
        $0.map { "\($0)" } ?? ""
      } + [value?.verdict ?? ""]
    }
    func three(_ name: String) -> [String] { ["\(name)", "\(name)_least", "\(name)_greatest"] }
    func four(_ name: String) -> [String] {
      ["\(name)", "\(name)_lower", "\(name)_upper", "\(name)_verdict"]
    }
    let titles =
      ["model", "variant", "presets", "runs", "runs_with_figures"] + three("auc") + three("ap")
      + three("class_auc") + three("class_ap") + three("map_iou") + three("map_iou_legacy")
      + four("auc_difference") + four("ap_difference")
      + ["parameters", "seconds", "memory_bytes", "problems"]
    let lines = rows.map { row in
      let head = [
        row.model, row.variant, row.presets.joined(separator: "+"), "\(row.runs.count)",
        "\(row.runs.count { $0.areaUnderROC != nil || $0.averagePrecision != nil })",
      ]
      let figures =
        spread(row.areaUnderROC) + spread(row.averagePrecision) + spread(row.classAreaUnderROC)
        + spread(row.classAveragePrecision) + spread(row.segments) + spread(row.legacySegments)
        + difference(row.areaDifference) + difference(row.precisionDifference)
      let tail = [
        row.parameters.map { "\($0)" } ?? "", row.seconds.map { "\($0.mean)" } ?? "",
        row.memoryBytes.map { "\($0)" } ?? "",
        row.runs.compactMap { run in run.reason.map { "seed \(run.seed): \($0)" } }
          .joined(separator: "; "),
      ]
      return (head + figures + tail).map(CSVField.quoted).joined(separator: ",")
    }
    return ([titles.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }
}
