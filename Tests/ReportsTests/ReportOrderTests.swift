import Reports
import Testing

@Suite struct ReportOrderTests {
  private func video(_ id: String, _ name: String?, peak: Double, area: Double?) -> ReportVideo {
    ReportVideo(
      id: id, className: name, durationSeconds: 1,
      scores: [ReportScore(startSeconds: 0, endSeconds: 1, score: peak)], areaUnderROC: area)
  }

  @Test(
    "the cards stand in the wanted order",
    arguments: [
      (ReportOrder.peak, ["b", "d", "a", "c"]), (.worst, ["d", "a", "b", "c"]),
      (.className, ["d", "a", "b", "c"]), (.name, ["a", "b", "c", "d"]),
      (.given, ["c", "a", "d", "b"]),
    ])
  func order(order: ReportOrder, expected: [String]) throws {
    let report = DetectionReport(
      title: "t", dataset: "d",
      videos: [
        video("c", nil, peak: 0.1, area: nil), video("a", "Fire", peak: 0.2, area: 0.8),
        video("d", "Fire", peak: 0.7, area: 0.5), video("b", "Theft", peak: 0.9, area: 0.9),
      ])
    let html = try DetectionReportPage(report: report, order: order).html()
    let ids = html.matches(of: /data-name="(.)"/).map { String($0.output.1) }
    #expect(ids == expected)
    #expect(html.contains("<option value=\"\(order.rawValue)\" selected>"))
  }
}
