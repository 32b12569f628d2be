import Foundation
import KeyEvents
import Records
import Reports
import Video

/// Strategies side by side in one SVG file: the relevance curve with its key events, and
/// for each strategy its picks on the time axis with their pictures.
public struct ComparisonPicture: Sendable {
  public let comparison: StrategyComparison
  /// The first line.
  public let title: String
  /// The second line: the candidates and their scorer.
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

  /// The SVG document. It needs no other file and follows the viewer's light or dark
  /// setting.
  ///
  /// - Throws: `VideoError` if a thumbnail cannot be encoded.
  public func svg() throws -> String {
    let scale = TimeScale(
      left: 176, width: Double(Self.width) - 176 - 28,
      durationSeconds: comparison.curve.durationSeconds)
    let panel = RelevancePanel(curve: comparison.curve, events: comparison.events, scale: scale)
    let size = pictures.values.first.map { image in
      StrategyRow.thumbnailSize(
        aspect: Double(max(1, image.width)) / Double(max(1, image.height)),
        count: comparison.rows.map(\.picks.count).max() ?? 0, in: scale)
    }
    var content = [
      SVG.text(title, "title", x: .pixels(20), y: 30),
      SVG.text(subtitle, "label", x: .pixels(20), y: 49),
      SelectionStyle.legend(right: scale.right, y: 26),
    ]
    if let size { content.insert(try StrategyRow.definitions(of: pictures, size: size), at: 0) }
    var y = 62.0
    content.append(panel.drawing(at: y))
    y += panel.height + 8
    for row in comparison.rows {
      let drawn = StrategyRow(
        captions: captions(of: row), remark: row.failure.map { "not run: \($0)" },
        picks: row.picks, scale: scale, thumbnail: size)
      content.append(SVG.line("separator", 20, y, scale.right, y))
      content.append(drawn.drawing(at: y + 6) { panel.shades(from: $0, height: $1) })
      y += drawn.height + 8
    }
    return SelectionStyle.document(
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

  /// The picture in words, for people who do not see it.
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

/// One strategy's row of the comparison: its picks as marks on a time line, and their
/// pictures below, each connected to its mark.
struct StrategyRow {
  /// The strategy's name and figures, for the left column.
  let captions: [String]
  /// The reason for a row without picks.
  let remark: String?
  let picks: [StrategyComparison.Pick]
  let scale: TimeScale
  /// The size of a thumbnail; nil without pictures.
  let thumbnail: (width: Double, height: Double)?

  /// Pictures per line. Further lines have no leaders.
  static let lineLimit = 16
  private static let trackHeight = 24.0
  private static let leaderHeight = 18.0
  private static let captionHeight = 17.0
  private static let gap = 6.0

  /// The size of the widest thumbnails of which `count` fit into a line.
  static func thumbnailSize(
    aspect: Double, count: Int, in scale: TimeScale
  ) -> (width: Double, height: Double) {
    let places = Double(max(4, min(count, lineLimit)))
    let width = min(150, (scale.width + gap) / places - gap)
    let height = width / aspect
    return height > 110 ? (110 * aspect, 110) : (width, height)
  }

  private var lines: Int { (picks.count + Self.lineLimit - 1) / Self.lineLimit }

  var height: Double {
    let words = Double(captions.count) * 15 + 8
    guard let thumbnail, !picks.isEmpty else { return max(words, Self.trackHeight + 8) }
    return max(
      words,
      Self.trackHeight + Self.leaderHeight
        + Double(lines) * (thumbnail.height + Self.captionHeight) + 6)
  }

  /// The row, its upper edge at `top`.
  ///
  /// - Parameter shades: the events' bands behind the time line.
  func drawing(at top: Double, shades: (Double, Double) -> String) -> String {
    var parts: [String] = captions.enumerated().map { place, caption in
      SVG.text(
        caption, place == 0 ? "name" : "label", x: .pixels(20),
        y: top + 17 + 15 * Double(place))
    }
    let middle = top + Self.trackHeight / 2
    parts.append(shades(top + 2, Self.trackHeight - 4))
    parts.append(SVG.line("track", scale.left, middle, scale.right, middle))
    if let remark {
      parts.append(SVG.text(remark, "label", x: .pixels(scale.left + 8), y: middle + 24))
    }
    if let thumbnail { parts.append(pictures(below: middle, size: thumbnail)) }
    parts += SelectionStyle.marks(
      picks.map { ($0.role, $0.seconds) }, scale: scale, y: middle)
    return parts.joined(separator: "\n")
  }

  private func pictures(below middle: Double, size: (width: Double, height: Double)) -> String {
    let top = middle + Self.trackHeight / 2 + Self.leaderHeight
    let inLine = min(picks.count, Self.lineLimit)
    // Fewer pictures than places are spread evenly over the whole width.
    let pitch = scale.width / Double(max(1, inLine))
    return picks.enumerated().map { place, pick in
      let (line, column) = place.quotientAndRemainder(dividingBy: Self.lineLimit)
      let x = scale.left + pitch * (Double(column) + 0.5)
      let y = top + Double(line) * (size.height + Self.captionHeight)
      var text = TimeAxis.clock(pick.seconds, tenths: true)
      if let event = pick.event, size.width >= 96 { text += " · \(pick.role.rawValue) \(event)" }
      let leader = line > 0 ? "" : SVG.line("leader", scale.x(pick.seconds), middle, x, y)
      return leader
        + "<use xlink:href=\"#c\(pick.candidate)\" x=\"\(SVG.number(x - size.width / 2))\" "
        + "y=\"\(SVG.number(y))\"/>"
        + SVG.rectangle(
          "frame \(pick.role.rawValue)", x: .pixels(x - size.width / 2), y: y,
          width: .pixels(size.width), height: size.height)
        + SVG.text(text, "label", x: .pixels(x), y: y + size.height + 12, anchor: .middle)
    }.joined(separator: "\n")
  }

  /// The pictures as definitions to which the rows refer, so that each is in the file
  /// once.
  static func definitions(
    of pictures: [Int: RGBImage], size: (width: Double, height: Double)
  ) throws -> String {
    let (width, height) = (Int((2 * size.width).rounded()), Int((2 * size.height).rounded()))
    let images = try pictures.sorted { $0.key < $1.key }.map { candidate, image in
      let small =
        image.width > width ? image.resized(width: width, height: max(1, height)) : image
      let data = try JPEGCodec.encode(small, quality: 85).base64EncodedString()
      return "<image id=\"c\(candidate)\" width=\"\(SVG.number(size.width))\" "
        + "height=\"\(SVG.number(size.height))\" preserveAspectRatio=\"none\" "
        + "xlink:href=\"data:image/jpeg;base64,\(data)\"/>"
    }
    return "<defs>\n" + images.joined(separator: "\n") + "\n</defs>"
  }
}
