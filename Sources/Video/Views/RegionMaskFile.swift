import Foundation
import Records

extension RegionMask {
  /// Reads a mask's file: JSON with polygons, lines of numbers, or a picture.
  ///
  /// - JSON: `{"ignore": [[[0, 0], [0.4, 0], [0.4, 0.1], [0, 0.1]]]}`, or the list alone, or
  ///   one polygon alone.
  /// - Lines: one polygon each, `x1,y1,x2,y2,...`, as Frigate's configuration writes them;
  ///   `#` begins a remark.
  /// - Picture: PNG or another still image in black (ignored) and white (kept), of any size.
  ///
  /// - Throws: `VideoError.badMask`, and what reading the file or the picture throws.
  public init(contentsOf path: String) throws {
    let data = try InputFile.read(path)
    guard !ImageFile.isImage(path: path), InputFile.looksLikeText(path),
      let text = String(data: data, encoding: .utf8)
    else {
      guard ImageFile.isImage(path: path) else {
        throw VideoError.badMask(
          path: path, finding: "neither text nor a picture",
          expected: "polygons as JSON or lines x1,y1,x2,y2,..., or a picture in black and white")
      }
      try self.init(picture: ImageFile.read(path: path), name: path)
      return
    }
    let start = text.first { !$0.isWhitespace }
    let polygons =
      start == "{" || start == "["
      ? try Self.polygons(json: data, name: path) : try Self.polygons(lines: text, name: path)
    try self.init(polygons: polygons, name: path)
  }

  /// The polygons of a value of JSON or YAML: lists of points, one such list, or texts
  /// `x1,y1,...`.
  ///
  /// - Throws: `VideoError.badMask`.
  package static func polygons(of value: MaskValue, name: String) throws -> [[Point]] {
    switch value {
    case .text(let text):
      return try [polygon(line: text, place: "'\(text.prefix(40))'", name: name)]
    case .number:
      throw VideoError.badMask(
        path: name, finding: "a number alone", expected: "lists of points [x, y]")
    case .list(let items):
      if let polygon = points(of: items) { return [polygon] }
      return try items.flatMap { item -> [[Point]] in
        if case .list(let inner) = item {
          guard let polygon = points(of: inner) else {
            throw VideoError.badMask(
              path: name, finding: "a list that is no list of points [x, y]",
              expected: "[[0, 0], [0.4, 0], [0.4, 0.1]]")
          }
          return [polygon]
        }
        return try polygons(of: item, name: name)
      }
    }
  }

  /// Whether a text is a polygon and not the name of a file.
  package static func areCoordinates(_ text: String) -> Bool {
    let parts = text.split { ", ;\t".contains($0) }
    return parts.count > 1 && parts.allSatisfy { Double($0) != nil }
  }

  /// Points of `[[x, y], ...]` or of a flat `[x, y, x, y, ...]`; nil for anything else.
  private static func points(of items: [MaskValue]) -> [Point]? {
    let numbers = items.compactMap { if case .number(let value) = $0 { value } else { nil } }
    if !items.isEmpty, numbers.count == items.count {
      return numbers.count.isMultiple(of: 2) ? pairs(numbers) : nil
    }
    let points = items.compactMap { item -> Point? in
      guard case .list(let pair) = item, pair.count == 2, case .number(let x) = pair[0],
        case .number(let y) = pair[1]
      else { return nil }
      return Point(x: x, y: y)
    }
    return !items.isEmpty && points.count == items.count ? points : nil
  }

  private static func pairs(_ numbers: [Double]) -> [Point] {
    stride(from: 0, to: numbers.count - 1, by: 2).map {
      Point(x: numbers[$0], y: numbers[$0 + 1])
    }
  }

  private static func polygons(json: Data, name: String) throws -> [[Point]] {
    struct Document: Decodable {
      var ignore: MaskValue
    }
    let value: MaskValue
    do {
      let decoder = JSONDecoder()
      value =
        try (try? decoder.decode(MaskValue.self, from: json))
        ?? decoder.decode(Document.self, from: json).ignore
    } catch {
      throw VideoError.badMask(
        path: name, finding: "JSON without polygons",
        expected: #"{"ignore": [[[0, 0], [0.4, 0], [0.4, 0.1], [0, 0.1]]]}"#)
    }
    return try polygons(of: value, name: name)
  }

  private static func polygons(lines text: String, name: String) throws -> [[Point]] {
    var polygons: [[Point]] = []
    for (number, line) in text.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      let content = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
      if content.isEmpty { continue }
      polygons.append(try polygon(line: content, place: "line \(number + 1)", name: name))
    }
    return polygons
  }

  private static func polygon(line: String, place: String, name: String) throws -> [Point] {
    let parts = line.split { ", ;\t".contains($0) }
    let numbers = parts.compactMap { Double($0) }
    guard numbers.count == parts.count, numbers.count.isMultiple(of: 2) else {
      throw VideoError.badMask(
        path: name, finding: "\(place) that is no list of coordinates",
        expected: "x1,y1,x2,y2,x3,y3 from 0 to 1, or a picture in black and white")
    }
    return pairs(numbers)
  }
}

/// Numbers, texts and lists of them, as JSON and YAML write polygons.
public enum MaskValue: Codable, Sendable, Equatable {
  case number(Double)
  case text(String)
  case list([MaskValue])

  public init(from decoder: any Decoder) throws {
    if var items = try? decoder.unkeyedContainer() {
      var list: [MaskValue] = []
      while !items.isAtEnd { list.append(try items.decode(MaskValue.self)) }
      self = .list(list)
      return
    }
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try value.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .list(let items):
      var container = encoder.unkeyedContainer()
      for item in items { try container.encode(item) }
    case .number(let number):
      var container = encoder.singleValueContainer()
      try container.encode(number)
    case .text(let text):
      var container = encoder.singleValueContainer()
      try container.encode(text)
    }
  }
}
