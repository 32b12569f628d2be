import CFFmpeg
import Foundation

/// The frames of a video file, decoded from its start.
///
/// Damaged packets are skipped with a warning, and every frame that decodes is given.
/// Memory: the decoder's own pictures and one converted picture.
final class StreamFrames: FrameSequence {
  /// The container's claims.
  let info: VideoInfo
  /// The turn from coded to displayed pictures.
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
  /// Remarks on the whole file, one line each.
  private(set) var remarks: [String] = []

  /// Opens a video and decodes its first frame.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - view: The shape of the pixels, and the regions that are ignored.
  ///   - scaledTo: The size of the frames; scaling is part of the conversion.
  ///   - threads: Decoding threads; the frames are the same for any number.
  /// - Throws: `VideoError` for a missing, empty or truncated file, a folder, sound only,
  ///   content other than video, a missing decoder, and a video of which no frame decodes.
  init(
    path: String, view: VideoView = .asRecorded, scaledTo scaling: VideoScaling = .native,
    threads: Int = 1
  ) throws {
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
    let claim = container.pixelAspect(of: decoder.frame)
    if case .damaged(let text) = claim, view.pixelAspect == nil {
      remarks.append("\(path): its pixel aspect \(text) is no real one; pixels count as square")
    }
    let shape = DisplayShape(
      width: Int(firstSize.width), height: Int(firstSize.height),
      aspect: view.pixelAspect ?? claim.aspect, orientation: orientation)
    info = VideoInfo(
      path: path, width: shape.width, height: shape.height, coded: shape.coded,
      durationSeconds: container.durationSeconds, averageFrameRate: container.averageFrameRate,
      claimedFrameCount: container.claimedFrameCount, codec: container.codecName,
      container: container.formatName, hasAudio: container.hasAudio)
    let size = scaling.size(width: shape.width, height: shape.height)
    converter = FrameConverter(
      path: path, width: size.width, height: size.height, orientation: orientation,
      mask: view.mask)
    clock = container.makeClock()
    if container.isRawStream {
      remarks.append(
        "\(path): a raw \(container.codecName) stream has no times; "
          + "\(decimal(container.averageFrameRate)) frames per second are assumed")
    }
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

  /// - Throws: `VideoError.damaged` if a frame's format cannot be converted to RGB.
  func image() throws -> RGBImage {
    try converter.image(from: decoder.frame)
  }

  var isDamaged: Bool {
    decoder.damagedPacketCount + decoder.damagedFrameCount + resizedFrameCount > 0
      || container.readFailure != nil
  }

  func warnings(decodedFrameCount: Int, isAtEnd: Bool) -> [String] {
    var lines = remarks
    lines += CountedWarning.lines(
      [
        .damagedPackets(decoder.damagedPacketCount), .damagedFrames(decoder.damagedFrameCount),
        CountedWarning(
          count: resizedFrameCount, one: "frame of another size scaled to the first frame's",
          many: "frames of another size scaled to the first frame's"),
        .stillFrames(container.isRawStream ? 0 : clock.repairedCount),
      ], path: info.path)
    if let jumps = ClockJump.warning(clock.jumps, path: info.path) { lines.append(jumps) }
    if let failure = container.readFailure {
      lines.append("\(info.path): reading ended early: \(failure)")
    }
    if isAtEnd, let claimed = info.claimedFrameCount,
      decodedFrameCount + decoder.hiddenPacketCount < claimed
    {
      lines.append(
        "\(info.path): the header claims \(claimed) frames, \(decodedFrameCount) decode")
    } else if isAtEnd, let missing = container.whatIsMissing {
      lines.append("\(info.path): cut off: \(missing)")
    } else if isAtEnd, clock.jumps.isEmpty,
      info.durationSeconds - lastSeconds > max(1, info.durationSeconds / 10)
    {
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

/// Decodes a container's video stream from its start, in display order. Skips damaged
/// data.
final class FrameDecoder {
  /// The frame of the last successful `advance()`.
  var frame: UnsafeMutablePointer<AVFrame> { decoder.frame }
  /// The number of packets of the stream so far.
  private(set) var packetCount = 0
  /// The number of packets that the container marks as hidden.
  private(set) var hiddenPacketCount = 0
  /// The number of packets that the decoder refused.
  var damagedPacketCount: Int { decoder.damagedPacketCount }
  /// The number of frames that the decoder marked as damaged.
  var damagedFrameCount: Int { decoder.damagedFrameCount }

  private let container: VideoContainer
  private let decoder: PacketDecoder
  private var isFinished = false

  /// - Throws: `VideoError.noDecoder`, or `.damaged` if the decoder refuses the header.
  init(container: VideoContainer, threads: Int) throws {
    self.container = container
    decoder = try PacketDecoder(container: container, threads: threads)
  }

  /// Decodes the next frame into `frame`.
  ///
  /// - Returns: Whether there was a frame; false at the end.
  func advance() -> Bool {
    while !isFinished {
      switch decoder.receive() {
      case .frame: return true
      case .needsPacket: feed()
      case .finished: isFinished = true
      }
    }
    return false
  }

  /// Sends the next packet that the decoder accepts, or the end of the stream.
  private func feed() {
    while let packet = container.nextPacket() {
      packetCount += 1
      if packet.pointee.flags & AV_PKT_FLAG_DISCARD != 0 { hiddenPacketCount += 1 }
      if decoder.send(packet) { return }
    }
    decoder.sendEnd()
  }
}

/// A problem of packets or frames with its count, in the words of a warning.
struct CountedWarning {
  var count: Int
  /// The words after the number 1.
  var one: String
  /// The words after any other number.
  var many: String

  static func damagedPackets(_ count: Int) -> CountedWarning {
    CountedWarning(
      count: count, one: "damaged packet skipped", many: "damaged packets skipped")
  }

  static func damagedFrames(_ count: Int) -> CountedWarning {
    CountedWarning(
      count: count, one: "frame decoded from damaged data",
      many: "frames decoded from damaged data")
  }

  /// Frames whose time is missing or stands still.
  static func stillFrames(_ count: Int) -> CountedWarning {
    CountedWarning(
      count: count, one: "frame without an advancing timestamp; the average rate fills in",
      many: "frames without an advancing timestamp; the average rate fills in")
  }

  /// The lines of the problems that occurred.
  static func lines(_ warnings: [CountedWarning], path: String) -> [String] {
    warnings.filter { $0.count > 0 }.map {
      "\(path): \($0.count) \($0.count == 1 ? $0.one : $0.many)"
    }
  }
}
