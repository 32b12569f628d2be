import CFFmpeg
import Foundation

/// An opened video file: the demuxer and the video stream.
final class VideoContainer {
  /// The path as the caller gave it.
  let path: String
  /// The demuxer, owned by the container.
  let context: UnsafeMutablePointer<AVFormatContext>
  /// The video stream, which lives as long as the demuxer.
  let stream: UnsafeMutablePointer<AVStream>
  /// Whether there is a sound stream too.
  let hasAudio: Bool
  /// The demuxer's complaint if it stopped before the end of the file.
  private(set) var readFailure: String?

  /// Whether the file is a stream without a container, which has no times.
  let isRawStream: Bool
  /// Whether the file is a playlist of segments.
  let isPlaylist: Bool

  private let packet: UnsafeMutablePointer<AVPacket>
  /// What the demuxer reads in place of the file itself.
  private let input: ContainerInput?
  /// The number of consecutive demuxer errors after which reading stops.
  private static let patience = 64

  /// Opens the file and finds its video stream.
  ///
  /// - Parameter reading: The purpose of its packets.
  init(path: String, reading: PacketUse = .decoding) throws {
    FFmpegLibrary.prepare()
    try InputFile.check(path)
    self.path = path
    let format = try Self.probe(path)
    let names = String(cString: format.pointee.name).split(separator: ",").map(String.init)
    isRawStream = !Self.rawFormats.isDisjoint(with: names)
    isPlaylist = names.contains("hls")
    (context, input) = try Self.open(
      path, as: format, reading: isPlaylist ? ContainerInput(playlist: path) : nil)
    var opened: UnsafeMutablePointer<AVFormatContext>? = context
    var allocated = av_packet_alloc()
    do {
      guard let packet = allocated else {
        throw VideoError.outOfMemory(path: path, what: "a packet")
      }
      self.packet = packet
      if reading == .listing {
        context.pointee.flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN
      } else {
        avformat_find_stream_info(context, nil)
      }
      (stream, hasAudio) = try Self.videoStream(of: context, path: path)
    } catch {
      av_packet_free(&allocated)
      avformat_close_input(&opened)
      input?.close()
      throw error
    }
    for index in 0..<Int(context.pointee.nb_streams) {
      guard let other = context.pointee.streams[index], other != stream else { continue }
      other.pointee.discard = AVDISCARD_ALL
    }
  }

  deinit {
    var opened: UnsafeMutablePointer<AVFormatContext>? = context
    var allocated: UnsafeMutablePointer<AVPacket>? = packet
    av_packet_free(&allocated)
    avformat_close_input(&opened)
    input?.close()
  }

  /// The purpose of the packets of an opened file.
  enum PacketUse {
    /// Decoding: streams are probed and packets completed by libav's parsers.
    case decoding
    /// Listing: times and flags as the container itself gives them, which takes much less
    /// time. Only for containers that frame and time every packet.
    case listing
  }

  /// The stream's next packet, valid until the next call; nil at the end, or if the
  /// demuxer stops (`readFailure`).
  func nextPacket() -> UnsafeMutablePointer<AVPacket>? {
    av_packet_unref(packet)
    var failures = 0
    while true {
      let result = av_read_frame(context, packet)
      if result >= 0 {
        failures = 0
        if packet.pointee.stream_index == stream.pointee.index { return packet }
        av_packet_unref(packet)
        continue
      }
      failures += 1
      if result == kess_averror_eof || failures > Self.patience {
        if result != kess_averror_eof { readFailure = FFmpegLibrary.message(result) }
        return nil
      }
    }
  }

  /// Moves to the last readable place at or before a time.
  ///
  /// - Parameter ticks: In the stream's time base: presentation or decoding time, as in
  ///   the container's own index.
  /// - Returns: Whether the demuxer reports success.
  func seek(toTicks ticks: Int64) -> Bool {
    av_packet_unref(packet)
    return av_seek_frame(context, stream.pointee.index, ticks, AVSEEK_FLAG_BACKWARD) >= 0
  }

  /// The number of packets in the container's own table, as far as it was read.
  var listedPacketCount: Int { Int(max(0, avformat_index_get_entries_count(stream))) }

  /// FFmpeg's full name of the demuxer; a list for some demuxers.
  var demuxerName: String { String(cString: context.pointee.iformat.pointee.name) }

  /// FFmpeg's short name of the container. Of several names, the one that equals the file's
  /// extension.
  var formatName: String {
    let names = String(cString: context.pointee.iformat.pointee.name)
      .split(separator: ",").map(String.init)
    let ending = (path as NSString).pathExtension.lowercased()
    return names.contains(ending) ? ending : names.first ?? "unknown"
  }

  /// The missing part of a file without a frame, if its outermost structure shows it.
  var whatIsMissing: String? {
    ContainerCompleteness.whatIsMissing(
      path, format: String(cString: context.pointee.iformat.pointee.name))
  }

  /// FFmpeg's name of the video codec, or the container's four characters for an unknown
  /// codec.
  var codecName: String {
    let parameters = stream.pointee.codecpar.pointee
    guard parameters.codec_id == AV_CODEC_ID_NONE, parameters.codec_tag != 0 else {
      return String(cString: avcodec_get_name(parameters.codec_id))
    }
    return (0..<4).map { place in
      let byte = UInt8(truncatingIfNeeded: parameters.codec_tag >> UInt32(8 * place))
      return (33..<127).contains(byte) ? String(UnicodeScalar(byte)) : "?"
    }.joined()
  }

  /// The claimed frames per second; 25 without a claim.
  var averageFrameRate: Double {
    let claim = claimedFrameRate
    // With the gaps, the table's average is no rate of the camera's.
    guard tableGapSeconds > 0, let frames = claimedFrameCount, durationSeconds > 0 else {
      return claim
    }
    return Double(frames) / durationSeconds
  }

  private var claimedFrameRate: Double {
    // A clock that stands still gives any rate.
    for rate in [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate]
    where rate.num > 0 && rate.den > 0 && rate.num / rate.den <= 2000 {
      return Double(rate.num) / Double(rate.den)
    }
    return 25
  }

  /// A tick of the stream's timestamps; one second without a usable claim.
  var timeBase: TimeBase {
    let base = stream.pointee.time_base
    return base.num > 0 && base.den > 0
      ? TimeBase(numerator: base.num, denominator: base.den)
      : TimeBase(numerator: 1, denominator: 1)
  }

  /// Seconds per tick of the stream's timestamps.
  var timeBaseSeconds: Double { timeBase.seconds }

  /// The container's start time in seconds; 0 without a claim.
  var startSeconds: Double {
    let start = context.pointee.start_time
    return start == kess_av_nopts_value ? 0 : Double(start) / Double(AV_TIME_BASE)
  }

  /// A clock for the stream's timestamps.
  func makeClock() -> FrameClock {
    FrameClock(
      timeBaseSeconds: timeBaseSeconds, startSeconds: startSeconds,
      frameSeconds: 1 / averageFrameRate, wrapSeconds: wrapSeconds)
  }

  /// The time after which the container's clock begins again at 0; nil if it does not.
  private var wrapSeconds: Double? {
    let bits = stream.pointee.pts_wrap_bits
    return bits > 0 && bits < 63 ? Double(1 << Int64(bits)) * timeBaseSeconds : nil
  }

  /// The number of frames in the stream's header, if present.
  var claimedFrameCount: Int? {
    stream.pointee.nb_frames > 0 ? Int(stream.pointee.nb_frames) : nil
  }

  /// The claimed length in seconds: of the stream, otherwise of the file, otherwise by the
  /// claimed frames, otherwise 0.
  ///
  /// Without the gaps that the container's own table shows.
  var durationSeconds: Double { max(0, claimedSeconds - tableGapSeconds) }

  /// The sum of the clock's jumps in the table of an MP4 or QuickTime file.
  private(set) lazy var tableGapSeconds: Double = {
    guard demuxerName.hasPrefix("mov,"), listedPacketCount > 1 else { return 0 }
    var clock = FrameClock(
      timeBaseSeconds: timeBaseSeconds, startSeconds: 0, frameSeconds: 1 / claimedFrameRate)
    for place in 0..<listedPacketCount {
      guard let entry = avformat_index_get_entry(stream, Int32(place)) else { break }
      _ = clock.seconds(ticks: entry.pointee.timestamp)
    }
    return clock.jumps.reduce(0) { $0 + max(0, $1.seconds) }
  }()

  private var claimedSeconds: Double {
    if stream.pointee.duration != kess_av_nopts_value, stream.pointee.duration > 0 {
      return Double(stream.pointee.duration) * timeBaseSeconds
    }
    if context.pointee.duration != kess_av_nopts_value, context.pointee.duration > 0 {
      return Double(context.pointee.duration) / Double(AV_TIME_BASE)
    }
    return claimedFrameCount.map { Double($0) / claimedFrameRate } ?? 0
  }

  /// A file's claim about the shape of its pixels.
  enum PixelAspectClaim: Equatable {
    case missing
    case aspect(PixelAspect)
    /// No real ratio.
    case damaged(String)

    var aspect: PixelAspect? {
      if case .aspect(let aspect) = self { aspect } else { nil }
    }
  }

  /// The shape of the pixels by the container, else by the codec.
  ///
  /// - Parameter frame: a decoded frame; nil to read the headers only.
  func pixelAspect(of frame: UnsafeMutablePointer<AVFrame>?) -> PixelAspectClaim {
    let claim = av_guess_sample_aspect_ratio(context, stream, frame)
    guard claim.num > 0, claim.den > 0 else { return .missing }
    guard let aspect = PixelAspect(width: Int(claim.num), height: Int(claim.den)) else {
      return .damaged("\(claim.num):\(claim.den)")
    }
    return .aspect(aspect)
  }

  /// The stream's display matrix; nil if it has none.
  var displayMatrix: UnsafePointer<Int32>? {
    var size = 0
    guard
      let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36
    else { return nil }
    return UnsafeRawPointer(data).assumingMemoryBound(to: Int32.self)
  }
}
