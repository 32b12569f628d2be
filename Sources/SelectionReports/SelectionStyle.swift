import KeyEvents
import Reports

/// The style of the pictures of selections. Roles differ in shape and in colour, so that
/// they remain distinct in print and for colour-blind readers.
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

  /// A role's mark around (x, y): a triangle before the event's peak, a disc at the peak,
  /// a square after it, a ring elsewhere.
  static func mark(_ role: FrameRole, x: Double, y: Double) -> String {
    let n = SVG.number
    let kind = "mark \(role.rawValue)"
    switch role {
    case .onset:
      return SVG.path(
        kind, "M\(n(x - 6)) \(n(y + 5))L\(n(x)) \(n(y - 6))L\(n(x + 6)) \(n(y + 5))Z")
    case .peak: return SVG.circle(kind, x: .pixels(x), y: y, radius: 6)
    case .aftermath:
      return SVG.rectangle(
        kind, x: .pixels(x - 5), y: y - 5, width: .pixels(10), height: 10)
    case .context: return SVG.circle(kind, x: .pixels(x), y: y, radius: 4.5)
    }
  }

  /// All marks on a time line. The most important roles come last, so that they lie on top.
  static func marks(
    _ frames: [(role: FrameRole, seconds: Double)], scale: TimeScale, y: Double
  ) -> [String] {
    [FrameRole.context, .onset, .aftermath, .peak].flatMap { role in
      frames.filter { $0.role == role }.map { mark(role, x: scale.x($0.seconds), y: y) }
    }
  }

  /// The roles' marks and names, from the right edge to the left.
  static func legend(right: Double, y: Double) -> String {
    var x = right
    return FrameRole.allCases.reversed().map { role in
      x -= Double(role.rawValue.count) * 6.2 + 32
      return mark(role, x: x + 8, y: y)
        + SVG.text(role.rawValue, "label", x: .pixels(x + 18), y: y + 4)
    }.joined()
  }

  /// A complete document in this style.
  static func document(
    width: Int, height: Double, title: String, description: String, content: [String]
  ) -> String {
    SVG.document(
      width: width, height: Int(height.rounded(.up)), title: title, description: description,
      light: light.rules, dark: dark.rules, linksImages: true, content: content)
  }
}
