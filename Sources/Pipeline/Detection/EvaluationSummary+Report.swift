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
    let scored = variants.filter { !segmentRows(of: $0).isEmpty }
    func title(_ text: String, _ variant: String) -> String {
      text + (variants.count > 1 ? ": \(label(of: variant))" : "")
    }
    return scored.map { variant in
      ReportTable(
        title: title("Events by class, mAP@IoU", variant), columns: Self.segmentVariantTitles,
        rows: segmentRows(of: variant), note: variant == scored.last ? segmentNote : nil)
    }
      + scored.map { variant in
        ReportTable(
          title: title("AP@IoU by class", variant), columns: Self.segmentClassTitles,
          rows: segmentClassRows(of: variant),
          note: "In the fixed form over abnormal videos. Few events make a noisy figure.")
      }
  }
}
