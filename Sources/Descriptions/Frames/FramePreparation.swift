import Datasets
import Foundation
import Records

/// A selection's frames as they are sent, kept beside the selection so that another
/// prompt or a resumed run decodes nothing: `<video>.frames`, one a selection.
///
/// A line with the SHA-256 of all that follows, a line of JSON, then the JPEGs end to end:
/// about 14 KB for a frame of 308x252.
struct SentFrameFile: Sendable {
  /// Where it is.
  let url: URL
  /// The choice that the frames are of.
  let selectionKey: String
  /// `DescriberConfiguration.preparation`: how the pictures were made.
  let preparation: String

  private struct Header: Codable {
    var format: Int
    var selectionKey: String
    var preparation: String
    var frames: [Entry]
  }

  private struct Entry: Codable {
    var frameIndex: Int
    var timestampSeconds: Double
    var hash: String
    var cost: FrameCost
    var byteCount: Int
  }

  private static let format = 1
  private static let newline = UInt8(ascii: "\n")

  /// The frames with these indices; nil where the file is missing, damaged, or of
  /// another choice or preparation: then they are made again.
  func read(frameIndices: [Int]) -> [ReadyFrame]? {
    guard let data = try? Data(contentsOf: url),
      let firstEnd = data.firstIndex(of: Self.newline)
    else { return nil }
    let content = data[(firstEnd + 1)...]
    guard Data(ContentHash.of(content).utf8) == data[..<firstEnd],
      let headerEnd = content.firstIndex(of: Self.newline),
      let header = try? JSONDecoder().decode(Header.self, from: content[..<headerEnd]),
      header.format == Self.format, header.selectionKey == selectionKey,
      header.preparation == preparation,
      header.frames.map(\.frameIndex) == frameIndices
    else { return nil }
    var frames: [ReadyFrame] = []
    var rest = content[(headerEnd + 1)...]
    for entry in header.frames {
      let jpeg = rest.prefix(max(0, entry.byteCount))
      guard entry.byteCount > 0, jpeg.count == entry.byteCount else { return nil }
      rest = rest.dropFirst(entry.byteCount)
      frames.append(
        ReadyFrame(
          frameIndex: entry.frameIndex, timestampSeconds: entry.timestampSeconds,
          hash: entry.hash, picture: SentPicture(jpeg: jpeg, cost: entry.cost)))
    }
    return rest.isEmpty ? frames : nil
  }

  /// Replaces the file; it takes frames with pictures only.
  ///
  /// - Throws: `RecordError.cannotWrite`.
  func write(_ frames: [ReadyFrame]) throws {
    var entries: [Entry] = []
    var jpegs = Data()
    for frame in frames {
      guard let picture = frame.picture else { return }
      entries.append(
        Entry(
          frameIndex: frame.frameIndex, timestampSeconds: frame.timestampSeconds,
          hash: frame.hash, cost: picture.cost, byteCount: picture.jpeg.count))
      jpegs += picture.jpeg
    }
    var content = try JSONRecord.encode(
      Header(
        format: Self.format, selectionKey: selectionKey, preparation: preparation,
        frames: entries), pretty: false)
    content.append(Self.newline)
    content += jpegs
    try AtomicFile.write(Data("\(ContentHash.of(content))\n".utf8) + content, to: url)
  }
}

/// Makes chosen frames ready for a describer's requests: from the file beside their
/// selection where that has them, else by decoding them once.
struct FramePreparation: Sendable {
  let describer: any Describer
  /// Whether frames are kept in that file.
  let isKept: Bool

  /// The frames of a choice, and their pixels where they had to be decoded.
  ///
  /// - Throws: `VideoError`; `DescriptionError.noFrames`, `.unusableFrame`;
  ///   `RecordError.cannotWrite` where they cannot be kept.
  func frames(of choice: ChosenFrames, video: DatasetVideo) throws -> (
    ready: [ReadyFrame], decoded: [FrameForDescription]?
  ) {
    guard !choice.frameIndices.isEmpty else { throw DescriptionError.noFrames(video: video.id) }
    let file = isKept && describer.configuration.sendsFrames ? file(of: choice) : nil
    if let kept = file?.read(frameIndices: choice.frameIndices) { return (kept, nil) }
    let decoded = try choice.frames()
    let ready = try decoded.map { try self.ready($0, video) }
    try file?.write(ready)
    return (ready, decoded)
  }

  private func file(of choice: ChosenFrames) -> SentFrameFile? {
    choice.readyFile.map {
      SentFrameFile(
        url: $0, selectionKey: choice.selection.key,
        preparation: describer.configuration.preparation)
    }
  }

  private func ready(_ frame: FrameForDescription, _ video: DatasetVideo) throws -> ReadyFrame {
    do {
      return ReadyFrame(
        frameIndex: frame.frameIndex, timestampSeconds: frame.timestampSeconds,
        hash: RequestKeys.hash(of: frame.image), picture: try describer.picture(of: frame.image))
    } catch DescriptionError.unusableFrame(let size, let reason) {
      throw DescriptionError.unusableFrame(video: video.id, reason: "\(size) pixels: \(reason)")
    }
  }
}
