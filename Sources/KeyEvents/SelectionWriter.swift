import Foundation
import Records
import Video

/// Writes a selection: the chosen frames as pictures, a contact sheet, and
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
  /// The form of the frames; the contact sheet is JPEG.
  public let pictures: PictureFormat

  public init(folder: URL, pictures: PictureFormat = PictureFormat()) {
    self.folder = folder
    self.pictures = pictures
  }

  /// Writes `<name>-<place>-<time>s.<jpg|png>` for each frame, `<name>.contact.jpg` and
  /// `<name>.selection.json`, the record last, and puts the pictures' names into
  /// the record. Pictures that the record which was there before names, and this one
  /// does not, are removed.
  ///
  /// - Parameters:
  ///   - name: what the files are called; the video's name without its extension
  ///     where nil.
  ///   - frames: gives the record's frames in order, one at a time: only one is held at
  ///     native size.
  public func write(
    _ record: inout SelectionRecord, name: String? = nil,
    frames: ((VideoFrame) throws -> Void) throws -> Void
  ) throws -> Output {
    let name =
      name ?? URL(fileURLWithPath: record.subject).deletingPathExtension().lastPathComponent
    let recordFile = recordFile(name)
    let earlier = (try? SelectionRecord.read(from: recordFile))?.frames.compactMap(\.image) ?? []
    var images: [String] = []
    var thumbnails: [RGBImage] = []
    try frames { frame in
      let file =
        String(
          format: "%@-%02d-%.3fs.", name as NSString, images.count + 1, frame.timestampSeconds)
        + pictures.kind.fileExtension
      try AtomicFile.write(pictures.encode(frame.image), to: folder.appendingPathComponent(file))
      images.append(file)
      thumbnails.append(ContactSheet.thumbnail(of: frame.image))
    }
    for (place, file) in images.enumerated() { record.frames[place].image = file }
    let sheet = folder.appendingPathComponent("\(name).contact.jpg")
    try AtomicFile.write(
      JPEGCodec.encode(Self.contactSheet(of: record, pictures: thumbnails)), to: sheet)
    try JSONRecord.write(record, to: recordFile)
    for file in Set(earlier).subtracting(images) where file.hasPrefix("\(name)-") {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(file))
    }
    return Output(
      record: recordFile, contactSheet: sheet,
      images: images.map { folder.appendingPathComponent($0) })
  }

  /// The same for frames that are at hand.
  public func write(_ selection: inout KeyEventSelection, name: String? = nil) throws -> Output {
    let frames = selection.frames
    return try write(&selection.record, name: name) { give in
      for frame in frames { try give(frame) }
    }
  }

  /// Whether a record and its pictures, in this form, are in the folder.
  public func holds(_ record: SelectionRecord, name: String) -> Bool {
    let files = record.frames.compactMap(\.image)
    return files.count == record.frames.count
      && files.allSatisfy {
        $0.hasSuffix(".\(pictures.kind.fileExtension)")
          && FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
      } && (try? SelectionRecord.read(from: recordFile(name))) == record
  }

  private func recordFile(_ name: String) -> URL {
    folder.appendingPathComponent("\(name).selection.json")
  }

  /// The chosen frames as one picture: time, role and relevance under each.
  ///
  /// - Parameter pictures: one a frame, of any size.
  static func contactSheet(of record: SelectionRecord, pictures: [RGBImage]) -> RGBImage {
    let cells = zip(pictures, record.frames).map { picture, entry in
      let role = entry.event.map { "\(entry.role.rawValue) of event \($0)" } ?? entry.role.rawValue
      let relevance = entry.relevance.map { String(format: "relevance %.3f", $0) } ?? "not scored"
      return (
        image: picture,
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
