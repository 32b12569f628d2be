import Reports

extension EvaluationSummary {
  /// Frame AUC and AP of every variant, by class scores too where there are some.
  var reportMetrics: [ReportMetric] {
    let prevalence = Double(positiveFrames) / Double(max(1, frames))
    return variants.flatMap { variant in
      [
        ("Frame AUC", "", \Run.areaUnderROC, 0.5),
        ("Frame AP", "", \Run.averagePrecision, prevalence),
        ("Frame AUC", ", class scores", \Run.classAreaUnderROC, 0.5),
        ("Frame AP", ", class scores", \Run.classAveragePrecision, prevalence),
      ].compactMap { name, scores, path, chance in
        let values = values(path, of: variant)
        return values.isEmpty
          ? nil
          : ReportMetric(
            name: name, variant: label(of: variant) + scores, values: values, chance: chance)
      }
    }
  }

  /// mAP@IoU, and average precision by class of each variant; none for detectors without class
  /// scores.
  var reportTables: [ReportTable] {
    guard !segmentRows.isEmpty else { return [] }
    let several = variants.count > 1
    return [
      ReportTable(
        title: "Events by class: mAP@IoU", columns: segmentTitles, rows: segmentRows,
        note: segmentNote)
    ]
      + variants.filter { !segmentClassRows(of: $0).isEmpty }.map { variant in
        ReportTable(
          title: "AP@IoU by class" + (several ? ": \(label(of: variant))" : ""),
          columns: Self.segmentClassTitles, rows: segmentClassRows(of: variant),
          note: "In the fixed form over abnormal videos. Few events make a noisy figure.")
      }
  }
}
