import Foundation
import KeySelection
import TestSupport
import Testing

@Suite struct PublishedSplitTests {
  private struct Cases: Decodable {
    struct Case: Decodable {
      var relevance: [Double]
      var frames: Int
      var chosen: [Int]
    }
    var cases: [Case]
  }

  private func select(_ relevance: [Double?], _ frames: Int) throws -> CurveSelection {
    try CurveSelection(
      of: RelevanceCurve(
        timestamps: relevance.indices.map(Double.init), relevance: relevance,
        durationSeconds: Double(relevance.count)),
      frames: frames, strategy: .aksCompat)
  }

  @Test func `aks-compat selects what the published program selects`() throws {
    let file = Golden.url("published_adaptive_sampling.json")
    let cases = try JSONDecoder().decode(Cases.self, from: Data(contentsOf: file)).cases
    #expect(cases.count == 450)
    for some in cases {
      #expect(
        try select(some.relevance, some.frames).chosen == some.chosen,
        "\(some.frames) of \(some.relevance)")
    }
  }

  @Test func `fewer frames than asked for are said`() throws {
    let short = try select([Double?](repeating: 1, count: 100), 16)
    #expect(short.chosen.isEmpty)
    #expect(short.notes.first?.hasPrefix("aks-compat gave 0 of 16 frames") == true)
    let full = try select([Double?](repeating: 1, count: 100), 64)
    #expect(full.chosen.count == 64 && full.notes.isEmpty)
  }
}
