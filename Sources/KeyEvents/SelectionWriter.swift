import Foundation
import Records
import Video

/// Writes a selection: the chosen frames as JPEG, a contact sheet, and
/// `<name>.selection.json`.
public struct SelectionWriter: Sendable {
  /// What was written.
  public struct Output: Sendable, Equatable {
    public let record: URL
    public let contactSheet: URL
    public let images: [URL]
  }

  /// The folder that everything goes to; made where missing.
  public let folder: URL

  public init(folder: URL) {
    self.folder = folder
  }

  /// Writes `<name>-<place>-<time>s.jpg` for each frame, `<name>.contact.jpg` and
  /// `<name>.selection.json`, the record last, and puts the pictures' names into
  /// the record.
  ///
  /// - Parameter name: what the files are called; the video's name without its
  ///   extension where nil.
  public func write(_ selection: inout KeyEventSelection, name: String? = nil) throws -> Output {
    let name =
      name
      ?? URL(fileURLWithPath: selection.record.subject).deletingPathExtension()
      .lastPathComponent
    var images: [URL] = []
    for (place, frame) in selection.frames.enumerated() {
      let file = String(
        format: "%@-%02d-%.3fs.jpg", name as NSString, place + 1, frame.timestampSeconds)
      let url = folder.appendingPathComponent(file)
      try AtomicFile.write(JPEGCodec.encode(frame.image), to: url)
      selection.record.frames[place].image = file
      images.append(url)
    }
    let sheet = folder.appendingPathComponent("\(name).contact.jpg")
    try AtomicFile.write(JPEGCodec.encode(Self.contactSheet(of: selection)), to: sheet)
    let record = folder.appendingPathComponent("\(name).selection.json")
    try JSONRecord.write(selection.record, to: record)
    return Output(record: record, contactSheet: sheet, images: images)
  }

  /// The chosen frames as one picture: time, role and relevance under each.
  public static func contactSheet(of selection: KeyEventSelection) -> RGBImage {
    let record = selection.record
    let cells = zip(selection.frames, record.frames).map { frame, entry in
      let role = entry.event.map { "\(entry.role.rawValue) of event \($0)" } ?? entry.role.rawValue
      let relevance = entry.relevance.map { String(format: "relevance %.3f", $0) } ?? "not scored"
      return (
        image: frame.image,
        caption: [
          String(format: "%.2f s  %@", entry.timestampSeconds, role as NSString), relevance,
        ]
      )
    }
    let name = URL(fileURLWithPath: record.subject).lastPathComponent
    return ContactSheet.draw(
      cells: cells,
      title: "\(name)  \(record.strategy.rawValue), \(record.scorer)", columns: nil)
  }
}
