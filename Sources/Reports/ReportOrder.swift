/// The order of the videos in a page.
public enum ReportOrder: String, Codable, Sendable, CaseIterable {
  /// Highest peak score first.
  case peak
  /// Lowest AUC within the video first, to see what goes wrong; videos without
  /// one come last.
  case worst = "auc"
  /// By class, and by peak score within one.
  case className = "class"
  /// By id.
  case name
  /// As in the record.
  case given

  /// What the order is called in the page.
  var title: String {
    switch self {
    case .peak: "highest score"
    case .worst: "lowest AUC"
    case .className: "class"
    case .name: "name"
    case .given: "as recorded"
    }
  }

  /// The videos in this order; equal ones keep the record's.
  func sorted(_ videos: [ReportVideo]) -> [ReportVideo] {
    func precedes(_ a: ReportVideo, _ b: ReportVideo) -> Bool? {
      let peaks = (a.peak?.score ?? -1, b.peak?.score ?? -1)
      let byPeak = peaks.0 == peaks.1 ? nil : peaks.0 > peaks.1
      switch self {
      case .peak: return byPeak
      case .worst:
        let areas = (a.areaUnderROC ?? 2, b.areaUnderROC ?? 2)
        return areas.0 == areas.1 ? byPeak : areas.0 < areas.1
      case .className:
        let names = (a.className ?? "\u{10FFFF}", b.className ?? "\u{10FFFF}")
        return names.0 == names.1 ? byPeak : names.0 < names.1
      case .name: return a.id == b.id ? nil : a.id < b.id
      case .given: return nil
      }
    }
    return videos.enumerated().sorted { a, b in
      precedes(a.element, b.element) ?? (a.offset < b.offset)
    }.map(\.element)
  }
}
