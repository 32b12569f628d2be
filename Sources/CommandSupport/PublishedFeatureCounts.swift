/// The counts of VadCLIP's published lists, which an import is compared with.
struct PublishedFeatureCounts {
  var rows: Int
  var normalRows: Int?
  /// The crop that every row names; nil where all ten are listed.
  var onlyCrop: Int?

  /// The counts of a data set's split; nil where none are known.
  static func known(dataset: String, split: String) -> PublishedFeatureCounts? {
    switch (dataset, split) {
    case ("ucf-crime", "train"): PublishedFeatureCounts(rows: 16_100, normalRows: 8_000)
    case ("ucf-crime", "test"): PublishedFeatureCounts(rows: 290, normalRows: 150, onlyCrop: 5)
    case ("xd-violence", "train"): PublishedFeatureCounts(rows: 39_540, normalRows: 20_490)
    case ("xd-violence", "test"): PublishedFeatureCounts(rows: 800, normalRows: 300, onlyCrop: 0)
    default: nil
    }
  }

  /// What a split's rows differ in, one line each.
  func differences(from split: FeatureImportReport.Split) -> [String] {
    var lines: [String] = []
    if split.rows != rows { lines.append("the published list has \(rows) rows") }
    if let normalRows, split.normalRows != normalRows {
      lines.append("the published list has \(normalRows) normal rows")
    }
    if let onlyCrop {
      if split.crops.keys.contains(where: { $0 != "\(onlyCrop)" }) {
        lines.append("the published list names crop \(onlyCrop) alone")
      }
    } else if split.crops.count != 10 || Set(split.crops.values).count != 1 {
      lines.append("the published list has ten crops of each video")
    }
    return lines
  }
}
