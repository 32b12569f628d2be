import Foundation
import Records

/// One of VadCLIP's lists: a CSV file of `path,label` rows, one a crop.
public struct FeatureList: Sendable, Equatable {
  /// One row.
  public struct Row: Sendable, Equatable {
    /// The path as it is written; other people's folders, so only its name counts.
    public var path: String
    public var label: String
    /// The file's name without `__<crop>.npy`.
    public var video: String
    /// The number behind `__`.
    public var crop: Int
  }

  public var rows: [Row]
  /// `train` or `test`.
  public var split: String

  /// Reads a list. It is of the test split where its name holds `test`, else of the
  /// training split, as in `ucf_CLIP_rgb.csv` and `ucf_CLIP_rgbtest.csv`.
  ///
  /// - Throws: `RecordError` for what is no such list, with the first bad line.
  public init(contentsOf url: URL) throws {
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      throw RecordError.cannotRead(path: url.path, reason: "no such file, or not UTF-8 text")
    }
    let split = url.lastPathComponent.lowercased().contains("test") ? "test" : "train"
    try self.init(text, split: split, path: url.path)
  }

  /// Parses a list's text; the first line may be the header `path,label`.
  public init(_ text: String, split: String, path: String) throws {
    self.split = split
    rows = []
    for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let line = line.trimmingCharacters(in: .whitespaces)
      if line.isEmpty || (number == 0 && line.hasPrefix("path,")) { continue }
      guard let row = Self.row(line) else {
        throw RecordError.wrongFormat(
          path: path, found: "'\(line)' in line \(number + 1)",
          expected: "'<folder>/<video>__<crop>.npy,<label>'")
      }
      rows.append(row)
    }
    guard !rows.isEmpty else {
      throw RecordError.wrongFormat(path: path, found: "no rows", expected: "rows of path,label")
    }
  }

  private static func row(_ line: String) -> Row? {
    // Names of films hold commas; labels do not.
    guard let comma = line.lastIndex(of: ",") else { return nil }
    let path = String(line[..<comma])
    let name = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    guard name.hasSuffix(".npy"), let mark = name.range(of: "__", options: .backwards),
      let crop = Int(name[mark.upperBound...].dropLast(4)), crop >= 0,
      mark.lowerBound != name.startIndex
    else { return nil }
    return Row(
      path: path, label: String(line[line.index(after: comma)...]),
      video: String(name[..<mark.lowerBound]), crop: crop)
  }
}
