import CFFmpeg

/// What a video file really holds, read from its packets without decoding them: the
/// time of every frame, and where decoding can begin.
///
/// On a sound file, `timestamps` and the positions in it equal the timestamps and
/// frame indices that `VideoReader` gives. Where packets do not tell the frames (no
/// presentation times, packed B-frames, single fields), `distrust` says why, and only
/// decoding from the start gives the true frames. About 5 MB an hour of video.
public struct FrameIndex: Sendable {
  /// What the container claims: the same as `VideoReader.info`.
  public let info: VideoInfo
  /// Seconds from the container's start, one for every frame that is shown, in
  /// display order.
  public let timestamps: [Double]
  /// Positions in `timestamps` of the frames at which decoding can begin, ascending.
  public let keyFrames: [Int]
  /// What one tick of `presentationTicks` is; nil for a folder of images, which has
  /// no clock of its own.
  public let timeBase: TimeBase?
  /// Packets of the stream.
  public let packetCount: Int
  /// Packets among them whose pictures are not shown.
  public let hiddenPacketCount: Int
  /// Why the packets do not give the frames; nil where they do.
  public let distrust: String?
  /// The demuxer's complaint where it could not read to the end of the file.
  public let readFailure: String?

  /// The container's own time of every frame that is shown, as it is in the file; nil
  /// where a packet has none. `timestamps` are these in seconds from the container's
  /// start.
  public var presentationTicks: [Int64?] {
    guard imageFolder == nil else { return Array(repeating: nil, count: frameCount) }
    return shownPackets.map { packets[$0].presentationTicks }
  }

  /// Whether `timestamps` can be relied on.
  public var isTrustworthy: Bool { distrust == nil }
  /// Frames that are shown, by the packets; what the header claims is in
  /// `info.claimedFrameCount`.
  public var frameCount: Int { timestamps.count }
  /// Whether the whole file was read.
  public var isComplete: Bool { readFailure == nil }

  /// All packets in decoding order.
  let packets: [IndexedPacket]
  /// The place in `packets` of every frame, in display order.
  let shownPackets: [Int]
  /// How coded pictures are turned for display.
  let orientation: FrameOrientation
  /// The folder of images that the video is; nil for a file.
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

  /// What differs from the header's claims, one line each.
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
