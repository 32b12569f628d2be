import Evaluation
import Foundation

extension EvaluationSummary {
  /// What alarms do, of each variant's runs together; nil where a run has no figures.
  public func falseAlarms(of variant: String) -> ObservedShare? {
    mean(\.falseAlarms, of: variant)
  }

  /// The share of events found, likewise.
  public func eventsFound(of variant: String) -> ObservedShare? { mean(\.events, of: variant) }

  private func mean(_ share: KeyPath<OperatingPoint, ObservedShare?>, of variant: String)
    -> ObservedShare?
  {
    let members = runs.filter { $0.variant == variant }
    let shares = members.compactMap { $0.alarms?[keyPath: share] }
    return shares.count == members.count ? .mean(of: shares) : nil
  }

  /// One sentence for each variant: what its alarms do at the runs' own thresholds.
  public var alarmSentences: [String] {
    variants.compactMap { variant in
      let members = runs.filter { $0.variant == variant }
      let thresholds = members.compactMap { $0.alarms?.threshold }
      guard let low = thresholds.min(), let high = thresholds.max() else { return nil }
      var parts: [String] = []
      if let alarms = falseAlarms(of: variant) {
        parts.append("false alarms on \(alarms.text) normal videos")
      }
      if let events = eventsFound(of: variant) {
        parts.append("\(events.text) events found")
      }
      guard !parts.isEmpty else { return nil }
      func decimal(_ value: Float) -> String { String(format: "%.3f", value) }
      let span =
        low == high ? "threshold \(decimal(low))" : "thresholds \(decimal(low)) to \(decimal(high))"
      let rates = Set(members.map(\.falseAlarmRate))
      let videos = Set(members.map(\.calibrationVideos))
      var reason = "not calibrated"
      if rates.count == 1, videos.count == 1, let rate = rates.first ?? nil,
        let count = videos.first ?? nil
      {
        reason =
          "set for at most \(AlarmThreshold.words(rate)) normal videos, by \(count) held-out ones"
      } else if members.contains(where: { $0.falseAlarmRate != nil }) {
        reason = "some not calibrated"
      }
      let mean = members.count > 1 ? "mean of \(members.count) runs: " : ""
      return "\(label(of: variant)), \(span) (\(reason)): \(mean)"
        + parts.joined(separator: ", ") + "."
    }
  }
}
