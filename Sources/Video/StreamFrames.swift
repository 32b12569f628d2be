import CFFmpeg
import Foundation

/// The frames of a video file, decoded from its start.
///
/// Damaged packets are stepped over with a warning, and every frame that decodes
/// comes out. Memory: the decoder's own pictures and one converted one.
final class StreamFrames: FrameSource {
  /// What the container claims.
  let info: VideoInfo
  /// How coded pictures are turned for display.
  let orientation: FrameOrientation
  /// The opened file.
  let container: VideoContainer
  private let decoder: FrameDecoder
  private let converter: FrameConverter
  private var clock: FrameClock
  private var holdsFirstFrame = true
  private var resizedFrameCount = 0
  private var lastSeconds = 0.0
  private let firstSize: (width: Int32, height: Int32)
  private var remarks: [String] = []

  /// Opens a video and decodes its first frame.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - scaledTo: The size of the frames; scaling is part of the conversion.
  ///   - threads: Decoding threads; the frames are the same for any number.
  /// - Throws: `VideoError` for a missing, empty or truncated file, a folder, sound
  ///   only, something else than a video, no decoder, and no frame that decodes.
  init(path: String, scaledTo scaling: VideoScaling = .native, threads: Int = 1) throws {
    container = try VideoContainer(path: path)
    decoder = try FrameDecoder(container: container, threads: threads)
    guard decoder.advance() else {
      if let finding = container.whatIsMissing {
        throw VideoError.truncated(path: path, finding: finding)
      }
      throw VideoError.noFrameDecodes(
        path: path, codec: container.codecName, packets: decoder.packetCount)
    }
    var orientation = FrameOrientation()
    if let matrix = container.displayMatrix ?? Self.displayMatrix(of: decoder.frame) {
      if let turned = FrameOrientation(displayMatrix: matrix) {
        orientation = turned
      } else {
        remarks.append(
          "\(path): its rotation is not a multiple of 90 degrees; frames are left unturned")
      }
    }
    self.orientation = orientation
    firstSize = (decoder.frame.pointee.width, decoder.frame.pointee.height)
    let displayed = orientation.displayed(
      width: Int(firstSize.width), height: Int(firstSize.height))
    info = VideoInfo(
      path: path, width: displayed.width, height: displayed.height,
      durationSeconds: container.durationSeconds, averageFrameRate: container.averageFrameRate,
      claimedFrameCount: container.claimedFrameCount, codec: container.codecName,
      container: container.formatName, hasAudio: container.hasAudio)
    let size = scaling.size(width: displayed.width, height: displayed.height)
    converter = FrameConverter(
      path: path, width: size.width, height: size.height, orientation: orientation)
    clock = container.makeClock()
  }

  func advance() -> Double? {
    if holdsFirstFrame {
      holdsFirstFrame = false
    } else if !decoder.advance() {
      return nil
    }
    let frame = decoder.frame.pointee
    if (frame.width, frame.height) != firstSize { resizedFrameCount += 1 }
    let ticks = frame.best_effort_timestamp
    lastSeconds = clock.seconds(ticks: ticks == kess_av_nopts_value ? nil : ticks)
    return lastSeconds
  }

  /// - Throws: `VideoError.damaged` where a frame's format has no way to RGB.
  func image() throws -> RGBImage {
    try converter.image(from: decoder.frame)
  }

  func warnings(decodedFrameCount: Int, isAtEnd: Bool) -> [String] {
    var lines = remarks
    lines += CountedWarning.lines(
      [
        .damagedPackets(decoder.damagedPacketCount), .damagedFrames(decoder.damagedFrameCount),
        CountedWarning(
          count: resizedFrameCount, one: "frame of another size scaled to the first frame's",
          many: "frames of another size scaled to the first frame's"),
        CountedWarning(
          count: clock.repairedCount,
          one: "frame without an advancing timestamp; the average rate fills in",
          many: "frames without an advancing timestamp; the average rate fills in"),
      ], path: info.path)
    if let failure = container.readFailure {
      lines.append("\(info.path): reading ended early: \(failure)")
    }
    if isAtEnd, let claimed = info.claimedFrameCount,
      decodedFrameCount + decoder.hiddenPacketCount < claimed
    {
      lines.append(
        "\(info.path): the header claims \(claimed) frames, \(decodedFrameCount) decode")
    } else if isAtEnd, info.durationSeconds - lastSeconds > max(1, info.durationSeconds / 10) {
      lines.append(
        "\(info.path): the header claims \(decimal(info.durationSeconds)) s, the last frame is at "
          + "\(decimal(lastSeconds)) s; the file may be cut short")
    }
    return lines
  }

  private func decimal(_ seconds: Double) -> String { String(format: "%.2f", seconds) }

  private static func displayMatrix(of frame: UnsafePointer<AVFrame>) -> UnsafePointer<Int32>? {
    guard let data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX),
      data.pointee.size >= 36
    else { return nil }
    return UnsafeRawPointer(data.pointee.data).assumingMemoryBound(to: Int32.self)
  }
}
