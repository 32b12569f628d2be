import Foundation
import KeyEvents
import Reports
import Video

/// One strategy's picks: marks on a time line, and the pictures below, each led to
/// from its mark.
struct PickRow {
  /// The strategy's name and figures, for the left column.
  let captions: [String]
  /// Shown in place of picks where there are none.
  let remark: String?
  let picks: [StrategyComparison.Pick]
  let scale: TimeScale
  /// The size of a thumbnail; nil where there are no pictures.
  let thumbnail: (width: Double, height: Double)?

  /// Pictures in a line; more go to further lines, without leaders.
  static let lineLimit = 16
  private static let trackHeight = 24.0
  private static let leaderHeight = 18.0
  private static let captionHeight = 17.0
  private static let gap = 6.0

  /// The widest thumbnails that let `count` of them stand in a line.
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
      SVG.text(caption, x: 20, y: top + 17 + 15 * Double(place), place == 0 ? "name" : "label")
    }
    let middle = top + Self.trackHeight / 2
    parts.append(shades(top + 2, Self.trackHeight - 4))
    parts.append(SVG.line(scale.left, middle, scale.right, middle, "track"))
    if let remark {
      parts.append(SVG.text(remark, x: scale.left + 8, y: middle + 24, "label"))
    }
    if let thumbnail { parts.append(pictures(below: middle, size: thumbnail)) }
    parts += SelectionStyle.marks(
      picks.map { ($0.role, $0.seconds) }, scale: scale, y: middle)
    return parts.joined(separator: "\n")
  }

  private func pictures(below middle: Double, size: (width: Double, height: Double)) -> String {
    let top = middle + Self.trackHeight / 2 + Self.leaderHeight
    let inLine = min(picks.count, Self.lineLimit)
    // Fewer pictures than places stand evenly over the whole width.
    let pitch = scale.width / Double(max(1, inLine))
    return picks.enumerated().map { place, pick in
      let (line, column) = place.quotientAndRemainder(dividingBy: Self.lineLimit)
      let x = scale.left + pitch * (Double(column) + 0.5)
      let y = top + Double(line) * (size.height + Self.captionHeight)
      var text = TimeAxis.clock(pick.seconds, tenths: true)
      if let event = pick.event, size.width >= 96 { text += " · \(pick.role.rawValue) \(event)" }
      let leader =
        line > 0
        ? ""
        : SVG.line(scale.x(pick.seconds), middle, x, y, "leader")
      return leader
        + "<use xlink:href=\"#c\(pick.candidate)\" x=\"\(SVG.number(x - size.width / 2))\" "
        + "y=\"\(SVG.number(y))\"/>"
        + SVG.rectangle(
          x: x - size.width / 2, y: y, width: size.width, height: size.height,
          "frame \(pick.role.rawValue)")
        + SVG.text(text, x: x, y: y + size.height + 12, "label", anchor: "middle")
    }.joined(separator: "\n")
  }

  /// The pictures as definitions that rows refer to: each is in the file once.
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
