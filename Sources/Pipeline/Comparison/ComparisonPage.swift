import Evaluation
import Foundation
import Records
import Reports
import Workspaces

/// A comparison on disk: `compare.json`, `compare.csv` and `compare.html` in `report/`.
struct ComparisonPage {
  let comparison: ModelComparison
  let scored: [ComparisonStage.Scored]
  /// The data set's title.
  let title: String
  /// The data set's terms of use.
  let terms: String?

  /// Writes the files.
  ///
  /// - Returns: the page; nil where no run has scores.
  func write(to workspace: Workspace) throws -> URL? {
    try JSONRecord.write(comparison, to: ModelComparison.file("json", in: workspace))
    try AtomicFile.write(
      Data(comparison.csv.utf8), to: ModelComparison.file("csv", in: workspace))
    let page = ModelComparison.file("html", in: workspace)
    guard !scored.isEmpty else {
      // An older page is not of this comparison.
      try? FileManager.default.removeItem(at: page)
      return nil
    }
    try ComparisonReportPage(report: report).write(to: page)
    return page
  }

  /// What the page shows.
  var report: ComparisonReport {
    let prevalence = Double(comparison.positiveFrames) / Double(max(1, comparison.frames))
    let names = comparison.rows.map(\.variant)
    let curves = ModelCurves(order: names, scored: scored)
    let places = names.map { curves.names.firstIndex(of: $0) }
    let spreads = Dictionary(
      comparison.disagreements.enumerated().map { ($0.element.video, $0) },
      uniquingKeysWith: { first, _ in first })
    let areas = names.map { name in
      scored.filter { $0.run.variant == name }.map { run in
        Dictionary(
          run.result.videos.map { ($0.id, $0.areaUnderROC) },
          uniquingKeysWith: { first, _ in first })
      }
    }
    let videos = curves.videos.map { video in
      let rate = video.shared.knownFrameRate
      let duration = max(Double(video.shared.frameCount) / rate, 1 / rate)
      return ComparisonReportVideo(
        id: video.shared.id,
        className: video.shared.classNames.isEmpty ? nil : video.shared.className,
        isAnomalous: video.shared.isAnomalous, durationSeconds: duration,
        curves: places.map { place in
          place.map {
            ReportScore.snippets(
              video.scores[$0], framesPerSnippet: Snippet.frameCount, framesPerSecond: rate,
              durationSeconds: duration)
          } ?? []
        },
        areas: areas.map { runs in
          let own = runs.compactMap { $0[video.shared.id] ?? nil }
          return own.isEmpty ? nil : own.reduce(0, +) / Double(own.count)
        },
        groundTruth: video.shared.events.map { events in
          events.map { event in
            ReportInterval(
              startSeconds: min(Double(event.lowerBound) / rate, duration),
              endSeconds: min(Double(event.upperBound) / rate, duration))
          }
        },
        spread: spreads[video.shared.id]?.element.spread ?? 0,
        rankSpread: spreads[video.shared.id]?.element.rankSpread ?? 0)
    }.sorted {
      (spreads[$0.id]?.offset ?? 0) < (spreads[$1.id]?.offset ?? 0)
    }
    return ComparisonReport(
      title: "\(title): models side by side", dataset: comparison.dataset,
      findings: comparison.sentences, notes: comparison.notes + [terms].compactMap { $0 },
      counts: ReportCounts(
        videos: comparison.videos, anomalousVideos: comparison.anomalousVideos,
        frames: comparison.frames, positiveFrames: comparison.positiveFrames),
      metrics: comparison.rows.flatMap { row in
        [
          row.areaUnderROC.map {
            ReportMetric(
              name: "Frame AUC", variant: row.variant, values: $0.values, chance: 0.5)
          },
          row.averagePrecision.map {
            ReportMetric(
              name: "Frame AP", variant: row.variant, values: $0.values, chance: prevalence)
          },
        ].compactMap { $0 }
      },
      table: table("Models") { !ModelComparison.classTitles.contains($0) },
      moreTables: comparison.tableTitles.contains(where: ModelComparison.classTitles.contains)
        ? [
          table("By class scores") {
            $0 == comparison.tableTitles[0] || ModelComparison.classTitles.contains($0)
          }
        ] : [],
      failures: comparison.failures, models: names, classes: classes(names), videos: videos)
  }

  /// The columns of the comparison's table with these titles.
  private func table(_ title: String, where isShown: (String) -> Bool) -> ReportTable {
    let columns = comparison.tableTitles.indices.filter { isShown(comparison.tableTitles[$0]) }
    return ReportTable(
      title: title, columns: columns.map { comparison.tableTitles[$0] },
      rows: comparison.tableCells.map { row in
        columns.map { row[$0].joined(separator: "\n") }
      })
  }

  private func classes(_ names: [String]) -> [ComparisonReportClass] {
    var order: [(name: String, videos: Int)] = []
    for item in comparison.rows.flatMap(\.classes)
    where !order.contains(where: { $0.name == item.className }) {
      order.append((item.className, item.videos))
    }
    return order.map { item in
      ComparisonReportClass(
        name: item.name, videoCount: item.videos,
        areas: comparison.rows.map { row in
          row.classes.first { $0.className == item.name }?.areaUnderROC.map {
            .init(mean: $0.mean, least: $0.least, greatest: $0.greatest)
          }
        })
    }
  }
}
