import Foundation
import Records

/// A list of released feature files: VadCLIP's CSV files of `path,label` rows, one per crop, or
/// one path per line, as RTFM's `.list` files and XD-Violence's `rgb.list`.
public struct FeatureList: Sendable, Equatable {
  /// One row.
  public struct Row: Sendable, Equatable {
    /// The path as written. Its folders are those of another machine, so only the name counts.
    public var path: String
    /// The label as written; nil for a list of paths, whose names give it.
    public var label: String?
    /// The file's name without `__<crop>.npy`, or without `.npy` and RTFM's `_i3d`.
    public var video: String
    /// The number after `__`; nil for a file with all crops.
    public var crop: Int?
  }

  public var rows: [Row]
  /// `train` or `test`.
  public var split: String

  /// Reads a list. It belongs to the test split if its name contains `test`, otherwise to the
  /// training split, as in `ucf_CLIP_rgb.csv` and `ucf_CLIP_rgbtest.csv`.
  ///
  /// - Throws: `RecordError` for another format, with the first bad line.
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
      let line = line.trimmingCharacters(in: .whitespaces.union(["\u{FEFF}"]))
      if line.isEmpty || (number == 0 && line.hasPrefix("path,")) { continue }
      guard let row = Self.row(line) else {
        throw RecordError.wrongFormat(
          path: path, found: "'\(line)' in line \(number + 1)",
          expected: "'<folder>/<video>__<crop>.npy,<label>', or a path that ends in .npy")
      }
      rows.append(row)
    }
    guard !rows.isEmpty else {
      throw RecordError.wrongFormat(path: path, found: "no rows", expected: "rows of path,label")
    }
  }

  private static func row(_ line: String) -> Row? {
    var path = line
    var label: String?
    if !line.hasSuffix(".npy") {
      // Names of films contain commas; labels do not.
      guard let comma = line.lastIndex(of: ",") else { return nil }
      path = String(line[..<comma])
      label = String(line[line.index(after: comma)...])
    }
    let name = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    guard name.hasSuffix(".npy") else { return nil }
    let stem = String(name.dropLast(4))
    if let mark = stem.range(of: "__", options: .backwards), mark.lowerBound != stem.startIndex,
      let crop = Int(stem[mark.upperBound...]), crop >= 0
    {
      return Row(path: path, label: label, video: String(stem[..<mark.lowerBound]), crop: crop)
    }
    let video = stem.hasSuffix("_i3d") ? String(stem.dropLast(4)) : stem
    return video.isEmpty ? nil : Row(path: path, label: label, video: video, crop: nil)
  }
}
