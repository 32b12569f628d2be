import CFFmpeg
import Foundation
import Records

/// What a file's headers say about a video, without decoding a frame: for plans over many
/// files.
public struct VideoHeader: Sendable {
  /// The container's claims. Where its clock jumps, the measured length and rate.
  public let info: VideoInfo
  /// Where the clock jumps, if reading the packets was cheap or the claims called for it.
  public let clockJumps: [ClockJump]
  /// The number of frames whose time does not advance, if the packets were read.
  public let stillFrameCount: Int

  /// What a user should know before the video is used, one line each.
  public var warnings: [String] {
    CountedWarning.lines([.stillFrames(stillFrameCount)], path: info.path)
      + [ClockJump.warning(clockJumps, path: info.path)].compactMap { $0 }
  }

  /// Files up to this size are read for their clock where the container has no table.
  private static let cheapBytes = 64 << 20
  /// Claims below this rate of data do not fit a video.
  private static let leastBytesPerSecond = 1000.0

  /// Reads the headers.
  ///
  /// - Throws: `VideoError`, as `VideoReader` does; a video of which no frame decodes may pass.
  public init(path: String, view: VideoView = .asRecorded) throws {
    if let folder = try ImageFolder(path: path, frameRate: ImageFolder.defaultFrameRate) {
      info = try ImageFolderFrames(folder: folder, view: view).info
      clockJumps = []
      stillFrameCount = 0
      return
    }
    let bytes = FileSize.bytes(at: URL(fileURLWithPath: path)) ?? 0
    let container = try Self.container(path)
    let hasTable = ["mov,", "avi"].contains { container.demuxerName.hasPrefix($0) }
    let claimed = container.durationSeconds
    let isDoubtful =
      container.tableGapSeconds > 0 || claimed <= 0
      || Double(bytes) / claimed < Self.leastBytesPerSecond
    if isDoubtful || (!hasTable && bytes <= Self.cheapBytes) {
      let index = try FrameIndex(path: path, view: view)
      info =
        index.clockJumps.isEmpty && index.stillFrameCount == 0 && claimed > 0
        ? index.info : index.info.measured(by: index.timestamps)
      clockJumps = index.clockJumps
      stillFrameCount = index.stillFrameCount
      return
    }
    info = try Self.claims(of: container, view: view) ?? VideoReader(path: path, view: view).info
    clockJumps = []
    stillFrameCount = 0
  }

  /// The opened file, by its headers alone where they describe the pictures.
  private static func container(_ path: String) throws -> VideoContainer {
    // FLV, for example, announces its streams in the first packets.
    guard let listing = try? VideoContainer(path: path, reading: .listing) else {
      return try VideoContainer(path: path)
    }
    let parameters = listing.stream.pointee.codecpar.pointee
    let isComplete =
      ["mov,", "matroska,"].contains { listing.demuxerName.hasPrefix($0) }
      && parameters.width > 0 && parameters.height > 0
      && listing.stream.pointee.avg_frame_rate.num > 0
    return isComplete ? listing : try VideoContainer(path: path)
  }

  /// The claims of an opened file; nil if its headers do not give the pictures' size.
  private static func claims(of container: VideoContainer, view: VideoView) -> VideoInfo? {
    let parameters = container.stream.pointee.codecpar.pointee
    guard parameters.width > 0, parameters.height > 0 else { return nil }
    let shape = DisplayShape(
      width: Int(parameters.width), height: Int(parameters.height),
      aspect: view.pixelAspect ?? container.pixelAspect(of: nil).aspect,
      orientation: container.displayMatrix.flatMap { FrameOrientation(displayMatrix: $0) }
        ?? FrameOrientation())
    return VideoInfo(
      path: container.path, width: shape.width, height: shape.height, coded: shape.coded,
      durationSeconds: container.durationSeconds, averageFrameRate: container.averageFrameRate,
      claimedFrameCount: container.claimedFrameCount, codec: container.codecName,
      container: container.formatName, hasAudio: container.hasAudio)
  }
}
