import Foundation
import KeyEvents
import Records
import Reports
import Video

/// Strategies side by side as one SVG file: the relevance curve with its key
/// events, and for each strategy its picks on the time axis and their pictures.
public struct ComparisonPicture: Sendable {
  public let comparison: StrategyComparison
  /// The first line.
  public let title: String
  /// The second line: what was scored by what.
  public let subtitle: String
  /// Pictures of chosen candidates, by candidate; empty without a video.
  public let pictures: [Int: RGBImage]

  private static let width = 1280

  public init(
    comparison: StrategyComparison, title: String, subtitle: String, pictures: [Int: RGBImage]
  ) {
    self.comparison = comparison
    self.title = title
    self.subtitle = subtitle
    self.pictures = pictures
  }

  /// The SVG document: it needs no other file and follows the viewer's light or
  /// dark setting.
  ///
  /// - Throws: `VideoError` where a thumbnail cannot be encoded.
  public func svg() throws -> String {
    let scale = TimeScale(
      left: 176, width: Double(Self.width) - 176 - 28,
      durationSeconds: comparison.curve.durationSeconds)
    let panel = RelevancePanel(curve: comparison.curve, events: comparison.events, scale: scale)
    let size = pictures.values.first.map { image in
      PickRow.thumbnailSize(
        aspect: Double(max(1, image.width)) / Double(max(1, image.height)),
        count: comparison.rows.map(\.picks.count).max() ?? 0, in: scale)
    }
    var content = [
      SVG.text(title, x: 20, y: 30, "title"), SVG.text(subtitle, x: 20, y: 49, "label"),
      SelectionStyle.legend(right: scale.right, y: 26),
    ]
    if let size { content.insert(try PickRow.definitions(of: pictures, size: size), at: 0) }
    var y = 62.0
    content.append(panel.drawing(at: y))
    y += panel.height + 8
    for row in comparison.rows {
      let drawn = PickRow(
        captions: captions(of: row), remark: row.failure.map { "not run: \($0)" },
        picks: row.picks, scale: scale, thumbnail: size)
      content.append(SVG.line(20, y, scale.right, y, "separator"))
      content.append(drawn.drawing(at: y + 6) { panel.shades(from: $0, height: $1) })
      y += drawn.height + 8
    }
    return SVG.document(
      width: Self.width, height: y + 6, title: title, description: summary, content: content)
  }

  /// Writes the document atomically.
  public func write(to url: URL) throws {
    try AtomicFile.write(Data(svg().utf8), to: url)
  }

  private func captions(of row: StrategyComparison.Row) -> [String] {
    guard row.failure == nil else { return [row.strategy.rawValue] }
    var lines = [row.strategy.rawValue, "\(row.picks.count) of \(comparison.frames) frames"]
    if let value = row.objective { lines.append("objective \(DecimalText.fixed(value, 3))") }
    if let recall = row.eventRecall { lines.append("events found \(percent(recall))") }
    if let coverage = row.roleCoverage { lines.append("roles shown \(percent(coverage))") }
    if let redundancy = row.visualRedundancy {
      lines.append("redundancy \(DecimalText.fixed(redundancy, 2))")
    }
    return lines
  }

  private func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }

  /// What the picture shows, in words, for those who do not see it.
  private var summary: String {
    let clock = { (seconds: Double) in TimeAxis.clock(seconds, tenths: true) }
    let events = comparison.events.map {
      "Event \($0.number) from \(clock($0.startSeconds)) to \(clock($0.endSeconds))."
    }
    let rows = comparison.rows.map { row in
      if let failure = row.failure { return "\(row.strategy.rawValue) did not run: \(failure)." }
      let picks = row.picks.map { "\(clock($0.seconds)) (\($0.role.rawValue))" }
      return "\(row.strategy.rawValue): \(picks.joined(separator: ", "))."
    }
    return ([subtitle + "."] + events + rows).joined(separator: " ")
  }
}
