import Foundation
import Reports

/// The few SVG elements that pictures of selections are made of.
enum SVG {
  static func number(_ value: Double) -> String { DecimalText.trimmed(value, digits: 2) }

  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String
  ) -> String {
    "<path class=\"\(kind)\" d=\"M\(number(x1)) \(number(y1))L\(number(x2)) \(number(y2))\"/>"
  }

  static func rectangle(
    x: Double, y: Double, width: Double, height: Double, _ kind: String
  ) -> String {
    "<rect class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" "
      + "height=\"\(number(height))\"/>"
  }

  /// - Parameter anchor: `start`, `middle` or `end`.
  static func text(
    _ text: String, x: Double, y: Double, _ kind: String, anchor: String = "start"
  ) -> String {
    "<text class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\""
      + (anchor == "start" ? "" : " text-anchor=\"\(anchor)\"")
      + ">\(HTMLText.escapedLine(text))</text>"
  }

  /// A whole document that needs no other file and follows the viewer's light or
  /// dark setting.
  static func document(
    width: Int, height: Double, title: String, description: String, content: [String]
  ) -> String {
    let height = Int(height.rounded(.up))
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \
      width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" role="img" \
      aria-labelledby="title desc">
      <title id="title">\(HTMLText.escapedLine(title))</title>
      <desc id="desc">\(HTMLText.escapedLine(description))</desc>
      <style>\(SelectionStyle.light.rules)
      @media (prefers-color-scheme:dark){\(SelectionStyle.dark.rules)}</style>
      <rect class="surface" width="\(width)" height="\(height)"/>
      \(content.joined(separator: "\n"))
      </svg>

      """
  }
}
