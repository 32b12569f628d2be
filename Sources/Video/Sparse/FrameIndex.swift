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
  /// Where the recording's clock jumps. `timestamps` leave the gaps out.
  public let clockJumps: [ClockJump]
  /// The number of frames whose time is missing or does not advance; 0 for a raw stream,
  /// which has no times.
  public let stillFrameCount: Int
  /// The part that the file's outermost structure shows to be missing; nil if none is known.
  public let missingPart: String?

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
  /// How the pictures are read.
  public let view: VideoView
  /// Remarks on the whole file, one line each.
  private let remarks: [String]
  /// The turn from coded to displayed pictures.
  let orientation: FrameOrientation
  /// The folder of images; nil for a file.
  let imageFolder: ImageFolder?

  /// Reads a file's packets, and decodes its first frame for size and rotation.
  ///
  /// - Parameters:
  ///   - path: The file, or the folder of images.
  ///   - view: The shape of the pixels, and the regions that are ignored.
  /// - Throws: `VideoError`, as `VideoReader` does.
  public init(path: String, view: VideoView = .asRecorded) throws {
    if let folder = try ImageFolder(path: path, frameRate: ImageFolder.defaultFrameRate) {
      try self.init(folder, view: view)
    } else {
      try self.init(file: path, view: view)
    }
  }

  private init(file path: String, view: VideoView) throws {
    let reader = try StreamFrames(path: path, view: view)
    let scan = try PacketScan(of: reader.container)
    self.view = view
    remarks = reader.remarks
    orientation = reader.orientation
    let packets = scan.packets
    let runs = Self.clockRuns(of: packets, timeBase: reader.container.timeBase)
    let shown = packets.indices.filter { !packets[$0].isHidden }.sorted {
      (runs?[$0] ?? 0, packets[$0].presentationTicks ?? 0, $0)
        < (runs?[$1] ?? 0, packets[$1].presentationTicks ?? 0, $1)
    }
    var clock = reader.container.makeClock()
    timeBase = reader.container.timeBase
    let timestamps = shown.map { clock.seconds(ticks: packets[$0].presentationTicks) }
    self.timestamps = timestamps
    clockJumps = clock.jumps
    stillFrameCount = reader.container.isRawStream ? 0 : clock.repairedCount
    info =
      clock.jumps.isEmpty && stillFrameCount == 0
      ? reader.info : reader.info.measured(by: timestamps)
    missingPart = reader.container.whatIsMissing
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
  private init(_ folder: ImageFolder, view: VideoView) throws {
    info = try ImageFolderFrames(folder: folder, view: view).info
    self.view = view
    timeBase = nil
    timestamps = folder.images.indices.map(folder.seconds)
    keyFrames = Array(folder.images.indices)
    packets = []
    shownPackets = []
    packetCount = folder.images.count
    hiddenPacketCount = 0
    distrust = nil
    readFailure = nil
    remarks = []
    clockJumps = []
    stillFrameCount = 0
    missingPart = nil
    orientation = FrameOrientation()
    imageFolder = folder
  }

  /// For each packet the number of the run of the clock that it belongs to, if the clock goes
  /// back at least once; nil otherwise. A run begins at a key frame: within one, pictures are
  /// stored in another order than they are shown.
  private static func clockRuns(of packets: [IndexedPacket], timeBase: TimeBase) -> [Int]? {
    let back = Int64((1 / timeBase.seconds).rounded(.up))
    var run = 0
    var latest: Int64?
    let runs = packets.map { packet in
      guard let ticks = packet.presentationTicks else { return run }
      if packet.isKey, let before = latest, ticks < before - back {
        run += 1
        latest = nil
      }
      latest = max(latest ?? ticks, ticks)
      return run
    }
    return run > 0 ? runs : nil
  }

  /// The differences from the header's claims, one line each.
  public var warnings: [String] {
    var lines = remarks
    if let readFailure {
      lines.append("\(info.path): reading ended early: \(readFailure)")
    }
    if let claimed = info.claimedFrameCount, packetCount < claimed {
      lines.append(
        "\(info.path): the header claims \(claimed) frames, the file holds \(packetCount)")
    }
    if lines.count == remarks.count, let missingPart {
      lines.append("\(info.path): cut off: \(missingPart)")
    }
    lines += CountedWarning.lines([.stillFrames(stillFrameCount)], path: info.path)
    if let jumps = ClockJump.warning(clockJumps, path: info.path) { lines.append(jumps) }
    if let distrust {
      lines.append("\(info.path): \(distrust); frames are found by decoding from the start")
    }
    return lines
  }
}
