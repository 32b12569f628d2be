import KeyEvents
import Reports

/// The colours of a picture of selections. Roles differ by shape as well as by
/// colour, so that they can be told apart in print and by the colour-blind.
struct SelectionStyle {
  let base: CurveColors
  let onset: String
  let aftermath: String

  static let light = SelectionStyle(base: .light, onset: "#b07c00", aftermath: "#7a3e9d")
  static let dark = SelectionStyle(base: .dark, onset: "#f0b429", aftermath: "#c792ea")

  var rules: String {
    base.rules + """

      .name{font:600 13px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:\(base.ink)}
      .event{fill:\(base.truth);fill-opacity:.15}
      .event-name{font:600 11px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:\(base.truth)}
      .event-peak{stroke:\(base.truth);stroke-width:1;stroke-dasharray:3 3}
      .separator{stroke:\(base.rule);stroke-width:1}.track{stroke:\(base.muted);stroke-width:1.5}
      .unscored{stroke:\(base.muted);stroke-width:1.5;stroke-opacity:.7}
      .leader{stroke:\(base.muted);stroke-width:.7;stroke-opacity:.7;fill:none}
      .mark{stroke:\(base.panel);stroke-width:1}
      .mark.onset{fill:\(onset)}.mark.peak{fill:\(base.truth)}.mark.aftermath{fill:\(aftermath)}
      .mark.context{fill:\(base.panel);stroke:\(base.muted);stroke-width:1.6}
      .frame{fill:none;stroke-width:2}
      .frame.onset{stroke:\(onset)}.frame.peak{stroke:\(base.truth)}.frame.aftermath{stroke:\(aftermath)}
      .frame.context{stroke:\(base.rule);stroke-width:1}
      """
  }

  /// A role's mark around (x, y): a triangle before the event's peak, a disc at
  /// it, a square after it, a ring elsewhere.
  static func mark(_ role: FrameRole, x: Double, y: Double) -> String {
    let n = SVG.number
    let kind = "class=\"mark \(role.rawValue)\""
    switch role {
    case .onset:
      return
        "<path \(kind) d=\"M\(n(x - 6)) \(n(y + 5))L\(n(x)) \(n(y - 6))L\(n(x + 6)) \(n(y + 5))Z\"/>"
    case .peak:
      return "<circle \(kind) cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"6\"/>"
    case .aftermath:
      return "<rect \(kind) x=\"\(n(x - 5))\" y=\"\(n(y - 5))\" width=\"10\" height=\"10\"/>"
    case .context:
      return "<circle \(kind) cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"4.5\"/>"
    }
  }

  /// All marks on a time line; the most telling ones last, so that they lie on top.
  static func marks(
    _ frames: [(role: FrameRole, seconds: Double)], scale: TimeScale, y: Double
  ) -> [String] {
    [FrameRole.context, .onset, .aftermath, .peak].flatMap { role in
      frames.filter { $0.role == role }.map { mark(role, x: scale.x($0.seconds), y: y) }
    }
  }

  /// The roles' marks and names, from the right edge.
  static func legend(right: Double, y: Double) -> String {
    var x = right
    return FrameRole.allCases.reversed().map { role in
      x -= Double(role.rawValue.count) * 6.2 + 32
      return mark(role, x: x + 8, y: y)
        + SVG.text(role.rawValue, x: x + 18, y: y + 4, "label")
    }.joined()
  }
}
