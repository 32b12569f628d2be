import Datasets
import Foundation
import Records
import Video
import Workspaces

/// A video's chosen frames, prepared for a describer's request.
struct PreparedFrames: Sendable {
  /// What the request refers to, in time order.
  var requested: [RequestedFrame]
  /// The same frames as they are sent; empty for a describer that sends none.
  var sent: [SentFrame]
  /// The same frames decoded; nil if `sent` was read from its file.
  var decoded: [VideoFrame]?
}

/// Prepares chosen frames for a describer's requests. It reads them from the file beside
/// their selection if that has them, and otherwise decodes them once.
struct FramePreparation: Sendable {
  let source: any KeyFrameSource
  let describer: any Describer
  /// Whether sent frames are stored in that file.
  let storesFrames: Bool

  /// - Throws: `VideoError`; `DescriptionError.noFrames`, `.unusableFrame`;
  ///   `RecordError.cannotWrite` if the file cannot be written.
  func frames(of chosen: ChosenFrames, from video: DatasetVideo, fingerprint: VideoFingerprint)
    throws -> PreparedFrames
  {
    guard !chosen.frameIndices.isEmpty else { throw DescriptionError.noFrames(video: video.id) }
    let file = storesFrames && describer.configuration.sendsFrames ? file(of: chosen) : nil
    if let stored = file?.read(frameIndices: chosen.frameIndices) { return stored }
    let decoded = try source.frames(of: chosen, from: video, fingerprint: fingerprint)
    var prepared = PreparedFrames(requested: [], sent: [], decoded: decoded)
    for frame in decoded {
      let sent = try sentFrame(frame, video)
      prepared.requested.append(RequestedFrame(frame, sent: sent))
      if let sent { prepared.sent.append(sent) }
    }
    try file?.write(prepared)
    return prepared
  }

  private func file(of chosen: ChosenFrames) -> SentFrameFile? {
    chosen.sentFramesFile.map {
      SentFrameFile(
        url: $0, selectionKey: chosen.selection.key,
        preparation: describer.configuration.preparation)
    }
  }

  private func sentFrame(_ frame: VideoFrame, _ video: DatasetVideo) throws -> SentFrame? {
    do {
      return try describer.sentFrame(of: frame)
    } catch DescriptionError.unusableFrame(let size, let reason) {
      throw DescriptionError.unusableFrame(video: video.id, reason: "\(size) pixels: \(reason)")
    }
  }
}

/// The file `<video>.frames`, one per selection: the selection's frames as they are sent.
/// With it, a run with another prompt or a resumed run decodes nothing.
///
/// The first line is the SHA-256 of everything after it, the second line is JSON, and the
/// JPEGs follow one after the other. A frame of 308x252 takes about 14 KB.
struct SentFrameFile: Sendable {
  let url: URL
  /// The selection that the frames belong to.
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

  /// The frames with these indices; nil if the file is missing, damaged, or belongs to
  /// another selection or preparation. The caller then prepares them again.
  func read(frameIndices: [Int]) -> PreparedFrames? {
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
    var frames = PreparedFrames(requested: [], sent: [], decoded: nil)
    var rest = content[(headerEnd + 1)...]
    for entry in header.frames {
      let jpeg = rest.prefix(max(0, entry.byteCount))
      guard entry.byteCount > 0, jpeg.count == entry.byteCount else { return nil }
      rest = rest.dropFirst(entry.byteCount)
      frames.requested.append(
        RequestedFrame(
          frameIndex: entry.frameIndex, timestampSeconds: entry.timestampSeconds,
          hash: entry.hash, sentWidth: entry.cost.width, sentHeight: entry.cost.height))
      frames.sent.append(
        SentFrame(jpeg: jpeg, cost: entry.cost, timestampSeconds: entry.timestampSeconds))
    }
    return rest.isEmpty ? frames : nil
  }

  /// Replaces the file. It writes nothing unless every frame is sent.
  ///
  /// - Throws: `RecordError.cannotWrite`.
  func write(_ frames: PreparedFrames) throws {
    guard frames.sent.count == frames.requested.count else { return }
    var entries: [Entry] = []
    var jpegs = Data()
    for (frame, sent) in zip(frames.requested, frames.sent) {
      entries.append(
        Entry(
          frameIndex: frame.frameIndex, timestampSeconds: frame.timestampSeconds,
          hash: frame.hash, cost: sent.cost, byteCount: sent.jpeg.count))
      jpegs += sent.jpeg
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
