import Foundation
import KeyEvents
import Records
import Reports

/// One selection over time as an SVG file: the relevance curve, its key events, and the
/// chosen frames with their roles.
public struct SelectionTimeline: Sendable {
  public let record: SelectionRecord

  private static let width = 1100
  private static let labelsInLine = 12
  private static let labelHeight = 34.0

  public init(record: SelectionRecord) {
    self.record = record
  }

  /// The SVG document. It needs no other file and follows the viewer's light or dark
  /// setting.
  public func svg() -> String {
    let curve = record.curve
    let scale = TimeScale(
      left: 84, width: Double(Self.width) - 84 - 28, durationSeconds: curve.durationSeconds)
    let panel = RelevancePanel(curve: curve, events: record.events, scale: scale, plotHeight: 150)
    var content = [
      SVG.text(title, "title", x: .pixels(20), y: 30),
      SVG.text(subtitle, "label", x: .pixels(20), y: 49),
      SelectionStyle.legend(right: scale.right, y: 26), panel.drawing(at: 62),
    ]
    let track = 62 + panel.height + 18
    content.append(panel.shades(from: track - 10, height: 20))
    content.append(SVG.line("track", scale.left, track, scale.right, track))
    content.append(labels(below: track, scale: scale))
    content += SelectionStyle.marks(
      record.frames.map { ($0.role, $0.timestampSeconds) }, scale: scale, y: track)
    let lines = (record.frames.count + Self.labelsInLine - 1) / Self.labelsInLine
    return SelectionStyle.document(
      width: Self.width, height: track + 30 + Double(lines) * Self.labelHeight + 8,
      title: title, description: summary, content: content)
  }

  /// Writes the document atomically.
  public func write(to url: URL) throws {
    try AtomicFile.write(Data(svg().utf8), to: url)
  }

  /// Times and roles, evenly spaced so that they never touch, connected to their marks.
  private func labels(below track: Double, scale: TimeScale) -> String {
    let inLine = min(record.frames.count, Self.labelsInLine)
    let pitch = scale.width / Double(max(1, inLine))
    return record.frames.enumerated().map { place, frame in
      let (line, column) = place.quotientAndRemainder(dividingBy: Self.labelsInLine)
      let x = scale.left + pitch * (Double(column) + 0.5)
      let y = track + 40 + Double(line) * Self.labelHeight
      let role = frame.event.map { "\(frame.role.rawValue) \($0)" } ?? frame.role.rawValue
      let leader =
        line > 0 ? "" : SVG.line("leader", scale.x(frame.timestampSeconds), track, x, y - 12)
      return "<g><title>\(HTMLText.escapedLine(frame.reason))</title>\(leader)"
        + SVG.text(
          TimeAxis.clock(frame.timestampSeconds, tenths: true), "name", x: .pixels(x), y: y,
          anchor: .middle)
        + SVG.text(role, "label", x: .pixels(x), y: y + 14, anchor: .middle) + "</g>"
    }.joined(separator: "\n")
  }

  private var title: String { URL(fileURLWithPath: record.subject).lastPathComponent }

  private var subtitle: String {
    "\(record.frames.count) of \(record.candidates.timestampSeconds.count) candidates by "
      + "\(record.strategy.rawValue), \(record.scorer)"
  }

  /// The picture in words, for people who do not see it.
  private var summary: String {
    let clock = { (seconds: Double) in TimeAxis.clock(seconds, tenths: true) }
    let events = record.events.map {
      "Event \($0.number) from \(clock($0.startSeconds)) to \(clock($0.endSeconds))."
    }
    let frames = record.frames.map { "\(clock($0.timestampSeconds)) (\($0.role.rawValue))" }
    return ([subtitle + "."] + events + ["Chosen: \(frames.joined(separator: ", "))."])
      .joined(separator: " ")
  }
}
