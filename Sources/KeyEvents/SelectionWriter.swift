import Foundation
import Records
import Video

/// Writes a selection: the chosen frames as pictures, a contact sheet, and
/// `<name>.selection.json`.
public struct SelectionWriter: Sendable {
  /// The written files.
  public struct Output: Sendable, Equatable {
    public let record: URL
    public let contactSheet: URL
    public let images: [URL]
  }

  /// The folder for all files; created if missing.
  public let folder: URL
  /// The format of the frames; the contact sheet is JPEG.
  public let pictures: PictureFormat

  public init(folder: URL, pictures: PictureFormat = PictureFormat()) {
    self.folder = folder
    self.pictures = pictures
  }

  /// Writes `<name>-<place>-<time>s.<jpg|png>` for each frame, `<name>.contact.jpg` and
  /// `<name>.selection.json`, the record last, and adds the pictures' names to the record.
  /// Pictures of an earlier record of this name that the new one does not list are
  /// removed.
  ///
  /// - Parameters:
  ///   - name: the base name of the files; nil for the video's name without its extension.
  ///   - frames: gives the record's frames in order, one at a time, so that only one is
  ///     in memory at native size.
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

  /// Writes a selection with its frames in memory.
  public func write(_ selection: inout KeyEventSelection, name: String? = nil) throws -> Output {
    let frames = selection.frames
    return try write(&selection.record, name: name) { give in
      for frame in frames { try give(frame) }
    }
  }

  /// Whether the folder contains the record and its pictures in this format.
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

  /// The chosen frames as one picture, each with its time, role and relevance.
  ///
  /// - Parameter pictures: one per frame, of any size.
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

/// The file format of chosen frames.
public struct PictureFormat: Sendable, Equatable {
  /// The file's kind and extension.
  public enum Kind: String, Sendable, CaseIterable {
    case jpeg, png

    /// Without the dot.
    public var fileExtension: String { self == .jpeg ? "jpg" : "png" }
  }

  public var kind: Kind
  /// The limit for the longer side in pixels, never enlarged; nil for the video's size.
  public var longestSide: Int?
  /// 1 to 100, of JPEG.
  public var quality: Int

  public init(kind: Kind = .jpeg, longestSide: Int? = nil, quality: Int = 90) {
    self.kind = kind
    self.longestSide = longestSide
    self.quality = quality
  }

  /// The bytes of a picture's file.
  ///
  /// - Throws: `VideoError.cannotEncode`.
  public func encode(_ image: RGBImage) throws -> Data {
    var image = image
    if let longestSide {
      let size = VideoScaling.longestSide(longestSide).size(
        width: image.width, height: image.height)
      image = image.resized(width: size.width, height: size.height)
    }
    return switch kind {
    case .jpeg: try JPEGCodec.encode(image, quality: quality)
    case .png: try PNGCodec.encode(image)
    }
  }
}
