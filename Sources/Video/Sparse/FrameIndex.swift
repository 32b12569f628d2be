import CFFmpeg

/// The real content of a video file, read from its packets without decoding them: the time
/// of every frame, and the frames at which decoding can begin.
///
/// For an undamaged file, `timestamps` and their positions equal the timestamps and frame
/// indices of `VideoReader`. If the packets do not determine the frames (no presentation
/// times, packed B-frames, single fields), `distrust` contains the reason, and only
/// decoding from the start gives the true frames. About 5 MB per hour of video.
public struct FrameIndex: Sendable {
  /// The container's claims, equal to `VideoReader.info`.
  public let info: VideoInfo
  /// Seconds from the container's start, one per shown frame, in display order.
  public let timestamps: [Double]
  /// Positions in `timestamps` of the frames at which decoding can begin, ascending.
  public let keyFrames: [Int]
  /// The length of one tick of `presentationTicks`; nil for a folder of images, which has
  /// no clock.
  public let timeBase: TimeBase?
  /// The number of packets of the stream.
  public let packetCount: Int
  /// The number of packets whose pictures are not shown.
  public let hiddenPacketCount: Int
  /// Why the packets do not determine the frames; nil if they do.
  public let distrust: String?
  /// The demuxer's complaint if it could not read to the end of the file.
  public let readFailure: String?

  /// The container's own time of every shown frame; nil for a packet without one.
  /// `timestamps` are these times in seconds from the container's start.
  public var presentationTicks: [Int64?] {
    guard imageFolder == nil else { return Array(repeating: nil, count: frameCount) }
    return shownPackets.map { packets[$0].presentationTicks }
  }

  /// Whether `timestamps` can be relied on.
  public var isTrustworthy: Bool { distrust == nil }
  /// The number of shown frames by the packets. `info.claimedFrameCount` is the header's
  /// claim.
  public var frameCount: Int { timestamps.count }
  /// Whether the whole file was read.
  public var isComplete: Bool { readFailure == nil }

  /// All packets in decoding order.
  let packets: [IndexedPacket]
  /// The position in `packets` of every frame, in display order.
  let shownPackets: [Int]
  /// The turn from coded to displayed pictures.
  let orientation: FrameOrientation
  /// The folder of images; nil for a file.
  let imageFolder: ImageFolder?

  /// Reads a file's packets, and decodes its first frame for size and rotation.
  ///
  /// - Parameter path: The file, or the folder of images.
  /// - Throws: `VideoError`, as `VideoReader` does.
  public init(path: String) throws {
    if let folder = try ImageFolder(path: path, frameRate: ImageFolder.defaultFrameRate) {
      try self.init(folder)
    } else {
      try self.init(file: path)
    }
  }

  private init(file path: String) throws {
    let reader = try StreamFrames(path: path)
    let scan = try PacketScan(of: reader.container)
    info = reader.info
    orientation = reader.orientation
    let packets = scan.packets
    let shown = packets.indices.filter { !packets[$0].isHidden }.sorted {
      (packets[$0].presentationTicks ?? 0, $0) < (packets[$1].presentationTicks ?? 0, $1)
    }
    var clock = reader.container.makeClock()
    timeBase = reader.container.timeBase
    timestamps = shown.map { clock.seconds(ticks: packets[$0].presentationTicks) }
    keyFrames = shown.indices.filter { packets[shown[$0]].isKey }
    self.packets = packets
    shownPackets = shown
    distrust = scan.distrust
    readFailure = scan.readFailure
    imageFolder = nil
    packetCount = packets.count
    hiddenPacketCount = packets.count - shown.count
  }

  /// A folder of images: one key frame each.
  private init(_ folder: ImageFolder) throws {
    info = try ImageFolderFrames(folder: folder).info
    timeBase = nil
    timestamps = folder.images.indices.map(folder.seconds)
    keyFrames = Array(folder.images.indices)
    packets = []
    shownPackets = []
    packetCount = folder.images.count
    hiddenPacketCount = 0
    distrust = nil
    readFailure = nil
    orientation = FrameOrientation()
    imageFolder = folder
  }

  /// The differences from the header's claims, one line each.
  public var warnings: [String] {
    var lines: [String] = []
    if let readFailure {
      lines.append("\(info.path): reading ended early: \(readFailure)")
    }
    if let claimed = info.claimedFrameCount, packetCount < claimed {
      lines.append(
        "\(info.path): the header claims \(claimed) frames, the file holds \(packetCount)")
    }
    if let distrust {
      lines.append("\(info.path): \(distrust); frames are found by decoding from the start")
    }
    return lines
  }
}
