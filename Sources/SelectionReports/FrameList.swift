import Foundation
import KeyEvents
import Records

/// The chosen frames of a selection in forms that other tools read.
public struct FrameList: Sendable {
  public let record: SelectionRecord

  public init(record: SelectionRecord) {
    self.record = record
  }

  /// An expression for ffmpeg's `select` filter that passes exactly the chosen
  /// frames; nil where the selection has no video.
  ///
  /// Frames are named by `n`, their number in display order, which is right for
  /// constant and variable frame rates alike: the filter counts what the decoder
  /// gives, as we do. Presentation times would need the stream's time base and its
  /// start, which ffmpeg shifts to 0. ffmpeg must not then fill the gaps again:
  /// `ffmpeg -i VIDEO -vf "$(cat NAME.ffmpeg.txt)" -fps_mode passthrough out-%03d.png`.
  public var ffmpegFilter: String? {
    let numbers = record.frames.compactMap(\.frameIndex)
    guard !numbers.isEmpty, numbers.count == record.frames.count else { return nil }
    return "select='" + numbers.map { "eq(n,\($0))" }.joined(separator: "+") + "'"
  }

  /// One line a chosen frame (RFC 4180); an empty field has no value.
  public var csv: String {
    let header = [
      "place", "frame", "pts", "seconds", "relevance", "role", "event", "prompt", "image",
      "reason",
    ]
    let rows = record.frames.enumerated().map { place, frame in
      Self.fields(of: frame, place: place)
    }
    return ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static func fields(of frame: SelectedFrame, place: Int) -> [String] {
    func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "" }
    let numbers: [String] = [
      "\(place + 1)", text(frame.frameIndex), text(frame.pts), "\(frame.timestampSeconds)",
      text(frame.relevance), frame.role.rawValue, text(frame.event),
    ]
    return numbers + [frame.prompt ?? "", frame.image ?? "", frame.reason].map(CSVField.quoted)
  }

  /// Writes `<name>.csv` and, where there is a video, `<name>.ffmpeg.txt`.
  public func write(to folder: URL, name: String) throws {
    try AtomicFile.write(Data(csv.utf8), to: folder.appendingPathComponent("\(name).csv"))
    if let ffmpegFilter {
      try AtomicFile.write(
        Data((ffmpegFilter + "\n").utf8), to: folder.appendingPathComponent("\(name).ffmpeg.txt"))
    }
  }
}
