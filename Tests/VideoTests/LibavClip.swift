import CFFmpeg
import Foundation
import Video

/// A small clip made with any of libav's encoders and muxers: what our own writer
/// does not make.
struct LibavClip: Sendable, CustomStringConvertible {
  /// What the clip is for, in words; with `file` it names the test case.
  var description: String
  /// The file's name; its extension decides the container.
  var file: String
  /// libav's name of the encoder.
  var encoder: String
  var width = 96
  var height = 64
  var pixelFormat = AV_PIX_FMT_YUV420P
  /// Seconds a tick, as a fraction.
  var timeBase = (numerator: Int32(1), denominator: Int32(25))
  /// The shape of a pixel that the file claims; nil for no claim.
  var pixelAspect: (width: Int32, height: Int32)?
  /// The clockwise turn for display in degrees, in the container's header.
  var turn: Double = 0
  /// Presentation times in ticks.
  var times: [Int64] = Array(0..<60)
  /// The encoder's options.
  var options: [String: String] = [:]
  var isInterlaced = false
  /// The muxer's options.
  var muxerOptions: [String: String] = [:]
  /// Changes every packet's flags or times before it is written.
  var edit: (@Sendable (UnsafeMutablePointer<AVPacket>) -> Void)?

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Whether this machine's libavcodec has the encoder.
  var isAvailable: Bool { avcodec_find_encoder_by_name(encoder) != nil }

  /// Encodes the clip into a folder.
  func write(to folder: URL) throws -> String {
    let path = folder.appendingPathComponent(file).path
    av_log_set_level(AV_LOG_QUIET)
    var muxer: UnsafeMutablePointer<AVFormatContext>?
    try check(avformat_alloc_output_context2(&muxer, nil, nil, path), "muxer")
    var encoding = avcodec_alloc_context3(avcodec_find_encoder_by_name(encoder))
    var frame = av_frame_alloc()
    var packet = av_packet_alloc()
    defer {
      avcodec_free_context(&encoding)
      av_frame_free(&frame)
      av_packet_free(&packet)
      avformat_free_context(muxer)
    }
    guard let muxer, let encoding, let frame, let packet,
      let stream = avformat_new_stream(muxer, nil)
    else { throw Failure(description: "\(file): cannot set up") }
    let base = AVRational(num: timeBase.numerator, den: timeBase.denominator)
    encoding.pointee.width = Int32(width)
    encoding.pointee.height = Int32(height)
    encoding.pointee.pix_fmt = pixelFormat
    encoding.pointee.time_base = base
    if let pixelAspect {
      encoding.pointee.sample_aspect_ratio = AVRational(
        num: pixelAspect.width, den: pixelAspect.height)
    }
    encoding.pointee.framerate = AVRational(num: base.den, den: base.num)
    encoding.pointee.thread_count = 1
    if isInterlaced {
      encoding.pointee.flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME
    }
    if muxer.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 {
      encoding.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
    }
    var dictionary = Self.dictionary(options)
    try check(avcodec_open2(encoding, nil, &dictionary), "encoder")
    let unknown = av_dict_count(dictionary)
    av_dict_free(&dictionary)
    guard unknown == 0 else { throw Failure(description: "\(file): unknown encoder options") }
    try check(avcodec_parameters_from_context(stream.pointee.codecpar, encoding), "parameters")
    stream.pointee.time_base = base
    stream.pointee.sample_aspect_ratio = encoding.pointee.sample_aspect_ratio
    if turn != 0, let matrix = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 36) {
      matrix.withMemoryRebound(to: Int32.self, capacity: 9) {
        av_display_rotation_set($0, -turn)
      }
    }
    stream.pointee.avg_frame_rate = encoding.pointee.framerate
    try check(avio_open2(&muxer.pointee.pb, path, AVIO_FLAG_WRITE, nil, nil), "file")
    defer { avio_closep(&muxer.pointee.pb) }
    var muxing = Self.dictionary(muxerOptions)
    defer { av_dict_free(&muxing) }
    try check(avformat_write_header(muxer, &muxing), "header")

    func drain() throws {
      while avcodec_receive_packet(encoding, packet) >= 0 {
        edit?(packet)
        packet.pointee.stream_index = 0
        av_packet_rescale_ts(packet, base, stream.pointee.time_base)
        try check(av_interleaved_write_frame(muxer, packet), "packet")
      }
    }
    frame.pointee.width = Int32(width)
    frame.pointee.height = Int32(height)
    frame.pointee.format = pixelFormat.rawValue
    try check(av_frame_get_buffer(frame, 0), "frame")
    for (number, time) in times.enumerated() {
      try check(av_frame_make_writable(frame), "frame")
      draw(number, into: frame)
      frame.pointee.pts = time
      frame.pointee.interlaced_frame = isInterlaced ? 1 : 0
      frame.pointee.top_field_first = isInterlaced ? 1 : 0
      try check(avcodec_send_frame(encoding, frame), "send")
      try drain()
    }
    try check(avcodec_send_frame(encoding, nil), "flush")
    try drain()
    try check(av_write_trailer(muxer), "trailer")
    return path
  }

  /// A texture that drifts, a square that moves over it, and a little noise, so that
  /// every frame differs and motion is worth predicting.
  private func draw(_ number: Int, into frame: UnsafeMutablePointer<AVFrame>) {
    let isWide = pixelFormat == AV_PIX_FMT_YUV420P10LE
    let isFull = pixelFormat == AV_PIX_FMT_YUVJ420P
    let planes = [frame.pointee.data.0, frame.pointee.data.1, frame.pointee.data.2]
    let strides = [frame.pointee.linesize.0, frame.pointee.linesize.1, frame.pointee.linesize.2]
    let shift = pixelFormat == AV_PIX_FMT_YUV444P ? 0 : 1
    var state = UInt32(truncatingIfNeeded: number &* 7919 &+ 17)
    for plane in 0..<3 {
      guard let data = planes[plane] else { continue }
      let columns = plane == 0 ? width : (width + shift) >> shift
      let rows = plane == 0 ? height : (height + shift) >> shift
      for y in 0..<rows {
        for x in 0..<columns {
          state = state &* 1_664_525 &+ 1_013_904_223
          let texture = ((x + number) * 5 ^ (y * 3 + number / 2)) & 63
          let square = (x + 96 - number * 2 % 96) % 96 < 16 && y > 10 && y < 30 ? 60 : 0
          let value = (isFull ? 40 : 60) + texture + square + Int(state >> 30)
          if isWide {
            let place = y * Int(strides[plane]) + 2 * x
            data[place] = UInt8(truncatingIfNeeded: value << 2)
            data[place + 1] = UInt8(value >> 6)
          } else {
            data[y * Int(strides[plane]) + x] = UInt8(value)
          }
        }
      }
    }
  }

  private static func dictionary(_ values: [String: String]) -> OpaquePointer? {
    var dictionary: OpaquePointer?
    for (key, value) in values { av_dict_set(&dictionary, key, value, 0) }
    return dictionary
  }

  private func check(_ result: Int32, _ what: String) throws {
    guard result >= 0 else { throw Failure(description: "\(file): \(what): error \(result)") }
  }
}
