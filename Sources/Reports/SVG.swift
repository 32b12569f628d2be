import Foundation

/// The SVG elements of both report rooms: curves of a report, comparisons of strategies,
/// timelines. Every text is escaped here.
///
/// Heights are in pixels. Horizontal places are a `Length`: pixels, or percent of the
/// viewport, so that a drawing fits any width without stretching its text.
package enum SVG {
  package enum Length: Sendable, Equatable {
    case pixels(Double)
    case percent(Double)

    var text: String {
      switch self {
      case .pixels(let value): SVG.number(value)
      case .percent(let value): SVG.number(value) + "%"
      }
    }
  }

  package enum Anchor: String, Sendable {
    case start, middle, end
  }

  /// A coordinate with at most three digits after the point.
  package static func number(_ value: Double) -> String { DecimalText.trimmed(value, digits: 3) }

  package static func line(
    _ kind: String, x1: Length, y1: Double, x2: Length, y2: Double, title: String? = nil
  ) -> String {
    closed(
      "<line class=\"\(kind)\" x1=\"\(x1.text)\" x2=\"\(x2.text)\" y1=\"\(number(y1))\" "
        + "y2=\"\(number(y2))\"", "line", title: title)
  }

  /// A line between two points in pixels.
  package static func line(
    _ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double
  ) -> String {
    line(kind, x1: .pixels(x1), y1: y1, x2: .pixels(x2), y2: y2)
  }

  /// A horizontal line over the whole viewport.
  package static func rule(_ kind: String, y: Double, title: String? = nil) -> String {
    line(kind, x1: .pixels(0), y1: y, x2: .percent(100), y2: y, title: title)
  }

  package static func rectangle(
    _ kind: String, x: Length, y: Double, width: Length, height: Double, title: String? = nil
  ) -> String {
    closed(
      "<rect class=\"\(kind)\" x=\"\(x.text)\" y=\"\(number(y))\" width=\"\(width.text)\" "
        + "height=\"\(number(height))\"", "rect", title: title)
  }

  package static func circle(
    _ kind: String, x: Length, y: Double, radius: Double, title: String? = nil
  ) -> String {
    closed(
      "<circle class=\"\(kind)\" cx=\"\(x.text)\" cy=\"\(number(y))\" r=\"\(number(radius))\"",
      "circle", title: title)
  }

  /// - Parameter keepsStroke: whether the stroke keeps its width in a stretched drawing.
  package static func path(_ kind: String, _ data: String, keepsStroke: Bool = false) -> String {
    "<path class=\"\(kind)\" d=\"\(data)\""
      + (keepsStroke ? " vector-effect=\"non-scaling-stroke\"/>" : "/>")
  }

  /// - Parameter shift: moves the base line down, in pixels.
  package static func text(
    _ text: String, _ kind: String, x: Length, y: Double, shift: Double? = nil,
    anchor: Anchor? = nil
  ) -> String {
    "<text class=\"\(kind)\" x=\"\(x.text)\" y=\"\(number(y))\""
      + (shift.map { " dy=\"\(number($0))\"" } ?? "")
      + (anchor.map { " text-anchor=\"\($0.rawValue)\"" } ?? "")
      + ">\(HTMLText.escapedLine(text))</text>"
  }

  /// A part of a drawing over the whole width, whose content is in a box of 1000 x 100
  /// units (`StepCurvePath`, `PolylinePath`) and is stretched to fit.
  package static func stretched(y: Double, height: Double, content: String) -> String {
    "<svg x=\"0\" y=\"\(number(y))\" width=\"100%\" height=\"\(number(height))\" "
      + "viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" overflow=\"visible\">"
      + content + "</svg>"
  }

  /// A complete document. It needs no other file and follows the viewer's light or dark
  /// setting.
  ///
  /// - Parameters:
  ///   - description: the content in words, for people who do not see it.
  ///   - light, dark: the style sheets.
  ///   - linksImages: whether elements refer to images with `xlink:href`.
  package static func document(
    width: Int, height: Int, title: String, description: String, light: String, dark: String,
    linksImages: Bool = false, content: [String]
  ) -> String {
    let links = linksImages ? "xmlns:xlink=\"http://www.w3.org/1999/xlink\" " : ""
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" \(links)width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="title desc">
      <title id="title">\(HTMLText.escapedLine(title))</title>
      <desc id="desc">\(HTMLText.escapedLine(description))</desc>
      <style>\(light)
      @media (prefers-color-scheme:dark){\(dark)}</style>
      <rect class="surface" width="\(width)" height="\(height)"/>
      \(content.joined(separator: "\n"))
      </svg>

      """
  }

  private static func closed(_ start: String, _ name: String, title: String?) -> String {
    title.map { "\(start)><title>\(HTMLText.escapedLine($0))</title></\(name)>" } ?? start + "/>"
  }
}

/// The colours of a page and its curves, for a light and a dark background. Colour-blind
/// readers can tell them apart (blue against vermilion), and text has a contrast of at
/// least 4.5.
package struct CurveColors {
  package let background: String
  package let panel: String
  package let ink: String
  package let muted: String
  package let rule: String
  package let faint: String
  package let curve: String
  package let truth: String
  package let key: String
  package let keyInk: String
  /// The colours of curves side by side: classes, runs.
  let series: [String]

  package static let light = CurveColors(
    background: "#f6f7f8", panel: "#ffffff", ink: "#1b1e23", muted: "#5a626e", rule: "#dfe2e6",
    faint: "#eef0f2", curve: "#1659b7", truth: "#d4501a", key: "#3d4450", keyInk: "#ffffff",
    series: [
      "#0b7a75", "#8e3b9e", "#9a6b00", "#c2266b", "#4a7a1f", "#5b5bd6", "#7a4a2b", "#4f6b7d",
    ])
  package static let dark = CurveColors(
    background: "#101317", panel: "#181c22", ink: "#e8eaed", muted: "#9ea7b3", rule: "#2e353f",
    faint: "#222831", curve: "#74b2ff", truth: "#ff8d57", key: "#c9d0da", keyInk: "#14181d",
    series: [
      "#3cc7bf", "#d08be0", "#e0b13c", "#ff7fb0", "#9ccf5f", "#a3a3ff", "#d0a07f", "#9fb8c8",
    ])

  /// The colours as custom properties.
  var properties: String {
    "--bg:\(background);--panel:\(panel);--ink:\(ink);--muted:\(muted);--rule:\(rule);"
      + "--faint:\(faint);--curve:\(curve);--truth:\(truth);--key:\(key);--key-ink:\(keyInk)"
  }

  /// The style rules of drawings in these colours. They do not use custom properties,
  /// which many viewers of single SVG files do not support.
  package var rules: String {
    """
    .label{font:11px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:\(muted)}
    .grid{stroke:\(rule);stroke-width:1}.axis{stroke:\(muted);stroke-width:1}
    .area{fill:\(curve);fill-opacity:.13}
    .curve{fill:none;stroke:\(curve);stroke-width:2;stroke-linejoin:round}
    .curve.dense{stroke-width:1.1}
    .threshold{stroke:\(muted);stroke-width:1;stroke-dasharray:5 4}
    .truth-band{fill:\(truth);fill-opacity:.16}.truth-bar{fill:\(truth)}.detected-bar{fill:\(curve)}
    .lane{fill:\(faint)}
    .stem{stroke:\(key);stroke-width:1;stroke-dasharray:1 3}
    .pin-head{fill:\(key)}.pin-dot{fill:\(panel);stroke:\(key);stroke-width:2}
    .pin-number{font:600 11px system-ui,"Segoe UI",Roboto,Arial,sans-serif;fill:\(keyInk)}
    .title{font:600 17px system-ui,"Segoe UI",Roboto,Arial,sans-serif;fill:\(ink)}
    .surface{fill:\(panel)}
    .series{fill:none;stroke-width:1.2;stroke-linejoin:round}
    .series.more{stroke-dasharray:5 3}
    \(seriesRules)
    """
  }

  private var seriesRules: String {
    series.enumerated().map { ".s\($0){stroke:\($1)}.point.s\($0){fill:\($1);stroke:none}" }
      .joined()
  }

  /// The style class of a place in a list of curves. After the last colour the colours
  /// repeat with dashes.
  static func series(_ place: Int) -> String {
    let count = light.series.count
    return "series s\(place % count)" + (place / count % 2 == 1 ? " more" : "")
  }
}
