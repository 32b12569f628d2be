import Evaluation
import Foundation
import Records

/// What `make real` found, as one table: read from the results of the commands.
package struct RealTable: Sendable {
  struct Evaluation: Decodable {
    struct Alarms: Decodable {
      var threshold: Double
      var falseAlarms: ObservedShare?
      var events: ObservedShare?
    }
    struct Run: Decodable {
      var variant: String
      var areaUnderROC: Double?
      var averagePrecision: Double?
      var alarms: Alarms?
      var learnedShare: Double?
    }
    var frames: Int
    var positiveFrames: Int
    var runs: [Run]
  }

  struct Selection: Decodable {
    struct Figure: Decodable {
      var metric: String
      var mean: Double
    }
    struct Line: Decodable {
      var strategy: String
      var frames: Int
      var figures: [Figure]
    }
    var lines: [Line]
  }

  struct Quality: Decodable {
    var separation: Double?
    var neighbourAgreement: Double?
    var neighbourChance: Double?
  }

  /// One shuffle's results.
  struct Shuffle {
    var number: Int
    var detection: Evaluation
    var selection: Selection?
    var quality: Quality?
    /// Seconds and MiB by step.
    var times: [String: (seconds: Double, mebibytes: Double)]
  }

  let shuffles: [Shuffle]

  /// Reads the finished shuffles below a folder.
  ///
  /// - Throws: `DemoError.noResults`; `RecordError` for a file that cannot be read.
  package init(_ folder: URL) throws {
    shuffles = try (1...JoinPlan.parts).compactMap { number in
      let results = folder.appendingPathComponent("shuffle\(number)")
      func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value? {
        let file = results.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return try JSONRecord.read(type, from: file)
      }
      guard let detection = try read(Evaluation.self, "detect.json") else { return nil }
      let lines = try? String(
        contentsOf: results.appendingPathComponent("times.tsv"), encoding: .utf8)
      let rows = (lines ?? "").split(separator: "\n").map { $0.split(separator: "\t") }
      return Shuffle(
        number: number, detection: detection,
        selection: try read(Selection.self, "selection.json"),
        quality: try read(Quality.self, "quality.json"),
        times: Dictionary(
          rows.compactMap { row in
            guard row.count == 3, let seconds = Double(row[1]), let size = Double(row[2]) else {
              return nil
            }
            return (String(row[0]), (seconds, size))
          }, uniquingKeysWith: { _, last in last }))
    }
    guard !shuffles.isEmpty else { throw DemoError.noResults(path: folder.path) }
  }

  /// The table in Markdown: a row per figure, a column per shuffle, and their mean.
  package var text: String {
    var rows: [(name: String, cells: [String?], mean: String)] = []
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func add(_ name: String, _ format: String = "%.3f", _ value: (Shuffle) -> Double?) {
      let values = shuffles.map(value)
      let known = values.compactMap { $0 }
      guard !known.isEmpty else { return }
      rows.append(
        (
          name, values.map { $0.map { String(format: format, $0) } },
          String(format: format, mean(known))
        ))
    }
    /// With the interval of all shuffles' videos together beside the mean.
    func addShare(_ name: String, _ value: (Shuffle) -> ObservedShare?) {
      let shares = shuffles.map(value)
      let known = shares.compactMap { $0 }
      guard !known.isEmpty else { return }
      let all = ObservedShare(
        known.reduce(0) { $0 + $1.found }, of: known.reduce(0) { $0 + $1.count })
      rows.append(
        (
          name, shares.map { $0.map { String(format: "%.3f", $0.share) } },
          String(format: "%.3f [%.3f, %.3f]", all.share, all.lower, all.upper)
        ))
    }
    add("frames in fights (chance of AP)") {
      Double($0.detection.positiveFrames) / Double($0.detection.frames)
    }
    var variants: [String] = []
    for run in shuffles.flatMap(\.detection.runs) where !variants.contains(run.variant) {
      variants.append(run.variant)
    }
    for variant in variants {
      func runs(_ shuffle: Shuffle) -> [Evaluation.Run] {
        shuffle.detection.runs.filter { $0.variant == variant }
      }
      func of(_ shuffle: Shuffle, _ value: (Evaluation.Run) -> Double?) -> Double? {
        let values = runs(shuffle).compactMap(value)
        return values.isEmpty ? nil : mean(values)
      }
      add("frame AUC, \(variant)") { of($0, \.areaUnderROC) }
      add("frame AP, \(variant)") { of($0, \.averagePrecision) }
      addShare("normal videos with an alarm, \(variant)") {
        ObservedShare.mean(of: runs($0).compactMap { $0.alarms?.falseAlarms })
      }
      addShare("fights found, \(variant)") {
        ObservedShare.mean(of: runs($0).compactMap { $0.alarms?.events })
      }
      add("default threshold, \(variant)") { of($0) { $0.alarms?.threshold } }
      add("share of what was learned, \(variant)") { of($0, \.learnedShare) }
    }
    for line in shuffles.compactMap(\.selection).first?.lines ?? [] {
      // By the names of the evaluation's JSON.
      for metric in ["eventRecall", "onset", "peak", "aftermath"] {
        let name = metric == "eventRecall" ? "recall" : metric
        add("\(name), \(line.strategy), \(line.frames) frames") {
          $0.selection?.lines.first { $0.strategy == line.strategy && $0.frames == line.frames }?
            .figures.first { $0.metric == metric }?.mean
        }
      }
    }
    add("class separation of the descriptions") { $0.quality?.separation }
    add("nearest description of the same class") { $0.quality?.neighbourAgreement }
    add("the same by chance") { $0.quality?.neighbourChance }
    for (step, name) in [
      ("features", "features"), ("selection", "selection strategies"),
      ("describe-train", "training descriptions"), ("train", "training"), ("detect", "detection"),
    ] {
      add("\(name), s", "%.1f") { $0.times[step]?.seconds }
      add("\(name), peak MiB", "%.0f") { $0.times[step]?.mebibytes }
    }
    let titles = shuffles.map { "shuffle \($0.number)" }
    var lines = [
      "| | " + titles.joined(separator: " | ") + " | mean |",
      "|---|" + String(repeating: "--:|", count: titles.count + 1),
    ]
    for row in rows {
      let cells = row.cells.map { $0 ?? "-" } + [row.mean]
      lines.append("| \(row.name) | " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }
}
