import Foundation
import KeyEvents
import Records

/// The chosen frames of a selection in formats for other tools.
public struct FrameList: Sendable {
  public let record: SelectionRecord

  public init(record: SelectionRecord) {
    self.record = record
  }

  /// An expression for ffmpeg's `select` filter that passes exactly the chosen frames; nil
  /// for a selection without a video.
  ///
  /// The expression names frames by `n`, their number in display order. The filter counts
  /// the decoder's frames as we do, so this is correct for constant and variable frame
  /// rates. Presentation times would need the stream's time base and its start, which
  /// ffmpeg shifts to 0. ffmpeg must not fill the gaps afterwards:
  /// `ffmpeg -i VIDEO -vf "$(cat NAME.ffmpeg.txt)" -fps_mode passthrough out-%03d.png`.
  public var ffmpegFilter: String? {
    let numbers = record.frames.compactMap(\.frameIndex)
    guard !numbers.isEmpty, numbers.count == record.frames.count else { return nil }
    return "select='" + numbers.map { "eq(n,\($0))" }.joined(separator: "+") + "'"
  }

  /// One line per chosen frame (RFC 4180). An empty field stands for a missing value.
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

  /// Writes `<name>.csv` and, for a video, `<name>.ffmpeg.txt`.
  public func write(to folder: URL, name: String) throws {
    try AtomicFile.write(Data(csv.utf8), to: folder.appendingPathComponent("\(name).csv"))
    if let ffmpegFilter {
      try AtomicFile.write(
        Data((ffmpegFilter + "\n").utf8), to: folder.appendingPathComponent("\(name).ffmpeg.txt"))
    }
  }
}
