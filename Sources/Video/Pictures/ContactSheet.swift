import Foundation

/// A page of thumbnails with captions on a dark neutral background.
public struct ContactSheet {
  private static let page = RGBColour(20, 22, 25)
  private static let card = RGBColour(33, 36, 41)
  private static let titleColour = RGBColour(240, 242, 245)
  private static let captionColours = [RGBColour(226, 229, 234), RGBColour(154, 160, 169)]

  /// A picture in the size of a sheet's thumbnail, or unchanged if it is smaller. A sheet
  /// needs no more of a picture.
  public static func thumbnail(of image: RGBImage, width: Int = 320) -> RGBImage {
    let size = Layout.thumbnail(of: image, width: width, tallest: width * 3 / 2)
    guard size.width < image.width, size.width > 0, size.height > 0 else { return image }
    return image.resized(width: size.width, height: size.height)
  }

  /// Draws the sheet.
  ///
  /// - Parameters:
  ///   - cells: Pictures and the lines below each, the first brighter than the others. A
  ///     line that is too long is broken between words into at most three lines, and the
  ///     rest is cut with an ellipsis.
  ///   - title: One line above the cells; none if empty.
  ///   - columns: Cells per row; nil for the number that comes nearest to a 16:9 page.
  ///   - thumbnailWidth: Width of every thumbnail in pixels. Pictures keep their aspect. A
  ///     picture taller than 1.5 widths is made narrower.
  public static func draw(
    cells: [(image: RGBImage, caption: [String])], title: String, columns: Int?,
    thumbnailWidth: Int = 320
  ) -> RGBImage {
    precondition(thumbnailWidth >= 32, "thumbnails of \(thumbnailWidth) pixels")
    let layout = Layout(
      cells: cells, hasTitle: !title.isEmpty, columns: columns, thumbnailWidth: thumbnailWidth)
    var sheet = RGBImage(
      width: layout.width, height: layout.height, red: page.red, green: page.green,
      blue: page.blue)
    if !title.isEmpty {
      let text = BitmapFont.plain(title)
      let room = layout.width - 2 * layout.margin
      let doubled = text.count * BitmapFont.advance * layout.scale * 2 <= room
      let scale = layout.scale * (doubled ? 2 : 1)
      BitmapFont.draw(
        fitted(text, into: room, scale: scale), into: &sheet, x: layout.margin,
        y: layout.margin + (doubled ? 0 : BitmapFont.height * layout.scale / 2), scale: scale,
        colour: titleColour)
    }
    for (index, cell) in cells.enumerated() {
      let origin = layout.origin(of: index)
      sheet.fill(
        x: origin.x, y: origin.y, width: layout.cardWidth, height: layout.cardHeight, with: card)
      let size = Layout.thumbnail(
        of: cell.image, width: thumbnailWidth, tallest: layout.thumbnailHeight)
      if size.width > 0, size.height > 0 {
        sheet.paste(
          cell.image.resized(width: size.width, height: size.height),
          x: origin.x + layout.padding + (thumbnailWidth - size.width) / 2,
          y: origin.y + layout.padding + (layout.thumbnailHeight - size.height) / 2)
      }
      for (line, caption) in layout.captions[index].enumerated() {
        BitmapFont.draw(
          caption.text, into: &sheet, x: origin.x + layout.padding,
          y: origin.y + 2 * layout.padding + layout.thumbnailHeight + line * layout.lineHeight,
          scale: layout.scale, colour: captionColours[caption.isFirst ? 0 : 1])
      }
    }
    return sheet
  }

  /// The text, cut with an ellipsis if it is wider than `room` pixels.
  private static func fitted(_ text: [UInt8], into room: Int, scale: Int) -> [UInt8] {
    CaptionText.cut(text, to: room / (BitmapFont.advance * scale))
  }
}

/// The layout of a contact sheet in pixels.
private struct Layout {
  let scale: Int
  let margin: Int
  let padding: Int
  let lineHeight: Int
  let columns: Int
  let thumbnailHeight: Int
  let cardWidth: Int
  let cardHeight: Int
  let width: Int
  let height: Int
  /// Each cell's caption, broken into lines of the thumbnail's width.
  let captions: [[(text: [UInt8], isFirst: Bool)]]
  private let top: Int

  init(
    cells: [(image: RGBImage, caption: [String])], hasTitle: Bool, columns: Int?,
    thumbnailWidth: Int
  ) {
    let scale = max(1, thumbnailWidth / 320)
    let margin = 16 * scale
    let padding = 8 * scale
    let lineHeight = (BitmapFont.height + 3) * scale
    let tallest = thumbnailWidth * 3 / 2
    let thumbnailHeight =
      cells.map { Self.thumbnail(of: $0.image, width: thumbnailWidth, tallest: tallest).height }
      .max() ?? 0
    let room = thumbnailWidth / (BitmapFont.advance * scale)
    let captions = cells.map { cell in
      cell.caption.enumerated().flatMap { place, line in
        CaptionText.broken(BitmapFont.plain(line), to: room).map { ($0, isFirst: place == 0) }
      }
    }
    let lines = captions.map(\.count).max() ?? 0
    let cardWidth = thumbnailWidth + 2 * padding
    let cardHeight =
      thumbnailHeight + 2 * padding + (lines > 0 ? padding + lines * lineHeight : 0)
    let top = margin + (hasTitle ? BitmapFont.height * scale * 2 + padding : 0)
    func size(_ columns: Int) -> (width: Int, height: Int) {
      let rows = (cells.count + columns - 1) / columns
      return (
        2 * margin + columns * cardWidth + (columns - 1) * padding,
        top + rows * cardHeight + max(0, rows - 1) * padding + margin
      )
    }
    func misfit(_ columns: Int) -> Double {
      let page = size(columns)
      let gaps = (columns - cells.count % columns) % columns
      return abs(log(Double(page.width) / Double(page.height) * 9 / 16))
        + Double(gaps) / Double(max(1, cells.count))
    }
    let chosen =
      columns.map { max(1, $0) }
      ?? (1...max(1, cells.count)).min { misfit($0) < misfit($1) } ?? 1
    self.scale = scale
    self.margin = margin
    self.padding = padding
    self.lineHeight = lineHeight
    self.columns = chosen
    self.thumbnailHeight = thumbnailHeight
    self.cardWidth = cardWidth
    self.cardHeight = cardHeight
    self.captions = captions
    self.top = top
    (width, height) = size(chosen)
  }

  /// The top left corner of a cell's card.
  func origin(of index: Int) -> (x: Int, y: Int) {
    (
      margin + index % columns * (cardWidth + padding),
      top + index / columns * (cardHeight + padding)
    )
  }

  /// The size of a picture's thumbnail: `width` wide, or narrower if it would be taller than
  /// `tallest`.
  static func thumbnail(of image: RGBImage, width: Int, tallest: Int) -> (width: Int, height: Int) {
    guard image.width > 0, image.height > 0 else { return (0, 0) }
    let height = max(1, (image.height * width + image.width / 2) / image.width)
    guard height > tallest else { return (width, height) }
    return (max(1, image.width * tallest / image.height), tallest)
  }
}

/// Breaks text of a fixed-width font into lines.
enum CaptionText {
  /// The greatest number of lines for one line of a caption.
  private static let lineLimit = 3

  /// The text, cut with an ellipsis if it has more than `count` characters.
  static func cut(_ text: [UInt8], to count: Int) -> [UInt8] {
    guard text.count > count else { return text }
    return Array(text.prefix(max(0, count - 3)) + Array("...".utf8).prefix(max(0, count)))
  }

  /// The text in lines of at most `count` characters, broken between words. The last line
  /// contains the rest, cut.
  static func broken(_ text: [UInt8], to count: Int) -> [[UInt8]] {
    let space = UInt8(ascii: " ")
    var lines: [[UInt8]] = []
    var rest = text[...]
    while rest.count > count, lines.count + 1 < lineLimit,
      let end = rest.prefix(count + 1).lastIndex(of: space), end > rest.startIndex
    {
      lines.append(Array(rest[..<end]))
      rest = rest[end...].drop { $0 == space }
    }
    return lines + [cut(Array(rest), to: count)]
  }
}
