import CFFmpeg
import Foundation

/// Which files are opened as videos, and how.
extension VideoContainer {
  /// The demuxers of moving pictures. libav's probing accepts any text as subtitles or
  /// terminal art and follows playlists to other files, so every other demuxer is refused.
  private static let videoFormats: Set<String> = [
    "3gp", "apng", "asf", "av1", "avi", "avs", "avs2", "avs3", "bfi", "bink", "c93", "cavsvideo",
    "cdxl", "cine", "dcstr", "dhav", "dirac", "dnxhd", "dv", "dxa", "ffm", "filmstrip", "flic",
    "flv", "gif", "gxf", "h261", "h263", "h264", "hevc", "ifv", "ivf", "ivr", "live_flv", "lvf",
    "lxf", "m4v", "matroska", "mgsts", "mjpeg", "mjpeg_2000", "mov", "mpeg", "mpegts",
    "mpegvideo", "mpjpeg", "mtv", "mv", "mxf", "nsv", "nut", "nuv", "obu", "ogg", "pva", "r3d",
    "rm", "roq", "rpl", "smjpeg", "smk", "swf", "thp", "tiertexseq", "tmv", "vc1", "vc1test",
    "vivo", "wtv", "xmv", "yop", "yuv4mpegpipe",
  ]

  /// The demuxers of streams without a container.
  static let rawFormats: Set<String> = [
    "av1", "avs2", "avs3", "cavsvideo", "dirac", "dnxhd", "h261", "h263", "h264", "hevc", "m4v",
    "mjpeg", "mjpeg_2000", "mpjpeg", "mpegvideo", "obu", "vc1",
  ]

  /// The most common demuxers of sound.
  private static let soundFormats: Set<String> = [
    "aac", "ac3", "adts", "aiff", "amr", "ape", "au", "caf", "dts", "eac3", "flac", "mp3", "tta",
    "voc", "w64", "wav", "wv",
  ]

  /// Finds the demuxer and refuses those of other content than video.
  ///
  /// A playlist is checked when it is opened: `ContainerInput`.
  static func probe(_ path: String) throws -> UnsafePointer<AVInputFormat> {
    var input: UnsafeMutablePointer<AVIOContext>?
    let opened = avio_open2(&input, "file:" + path, AVIO_FLAG_READ, nil, nil)
    guard opened >= 0 else {
      throw VideoError.unreadable(path: path, reason: FFmpegLibrary.message(opened))
    }
    defer { avio_closep(&input) }
    var format: UnsafePointer<AVInputFormat>?
    // Without the file name, content alone decides. Otherwise any text named .mp4 would be
    // a damaged MP4.
    let score = av_probe_input_buffer2(input, &format, nil, nil, 0, 0)
    guard score >= 0, let format else {
      if LocalPlaylist.begins(path) || LocalPlaylist.isPlaylist(path),
        let playlist = av_find_input_format("hls")
      {
        return playlist
      }
      let found = InputFile.looksLikeText(path) ? "text" : "data of no known format"
      throw VideoError.notAVideo(path: path, found: found)
    }
    let names = String(cString: format.pointee.name).split(separator: ",").map(String.init)
    guard videoFormats.isDisjoint(with: names) else {
      if names.contains("mjpeg"), case .views = JPEGStream(path) {
        throw VideoError.notAVideo(path: path, found: "a still image with several views")
      }
      return format
    }
    if names.contains("jpeg_pipe"), case .pictures = JPEGStream(path),
      let stream = av_find_input_format("mjpeg")
    {
      return stream
    }
    if names.contains("hls") { return format }
    if !soundFormats.isDisjoint(with: names) {
      throw VideoError.audioOnly(path: path, codec: names[0])
    }
    throw VideoError.notAVideo(path: path, found: kind(of: format, names: names))
  }

  /// A refused format in words.
  private static func kind(of format: UnsafePointer<AVInputFormat>, names: [String]) -> String {
    if names.contains("tty") { return "text" }
    let long = format.pointee.long_name.map { String(cString: $0) } ?? names[0]
    if names.contains(where: { $0.hasSuffix("_pipe") || $0 == "image2" }) {
      return "a still image (\(long))"
    }
    return "\(long) (\(names[0]))"
  }

  /// Opens a file, or the whole fragments of one whose last fragment is cut off.
  static func open(
    _ path: String, as format: UnsafePointer<AVInputFormat>, reading input: ContainerInput?
  ) throws -> (UnsafeMutablePointer<AVFormatContext>, ContainerInput?) {
    let name = String(cString: format.pointee.name)
    let (context, result) = attempt(path, as: format, reading: input)
    if let context { return (context, input) }
    input?.close()
    if let whole = ContainerCompleteness.wholeLength(path, format: name),
      let part = ContainerInput(file: path, bytes: whole)
    {
      if let context = attempt(path, as: format, reading: part).context { return (context, part) }
      part.close()
    }
    if let finding = ContainerCompleteness.whatIsMissing(path, format: name) {
      throw VideoError.truncated(path: path, finding: finding)
    }
    throw VideoError.damaged(
      path: path,
      finding: "its \(name) header cannot be read (\(FFmpegLibrary.message(result)))")
  }

  private static func attempt(
    _ path: String, as format: UnsafePointer<AVInputFormat>, reading input: ContainerInput?
  ) -> (context: UnsafeMutablePointer<AVFormatContext>?, result: Int32) {
    var context: UnsafeMutablePointer<AVFormatContext>?
    if let input {
      context = avformat_alloc_context()
      context?.pointee.pb = input.bytes
    }
    var options: OpaquePointer?
    // A container must not make the library read other files or the network.
    av_dict_set(&options, "protocol_whitelist", "file", 0)
    defer { av_dict_free(&options) }
    var url = "file:" + path
    if String(cString: format.pointee.name) == "hls" {
      // The demuxer refuses segments whose addresses begin with "file:".
      url = URL(fileURLWithPath: path).path
      // Of a nested playlist of a recording under way, the demuxer reads from the first
      // segment on, and ends after reading the list once more.
      av_dict_set(&options, "live_start_index", "0", 0)
      av_dict_set(&options, "max_reload", "1", 0)
      av_dict_set(&options, "allowed_extensions", "ALL", 0)
    }
    let result = avformat_open_input(&context, url, format, &options)
    return (result >= 0 ? context : nil, result)
  }

  /// The video stream, ignoring cover pictures, and whether there is sound.
  static func videoStream(
    of context: UnsafeMutablePointer<AVFormatContext>, path: String
  ) throws -> (UnsafeMutablePointer<AVStream>, hasAudio: Bool) {
    let streams = (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
    let sound = streams.first { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO }
    let moving = streams.filter {
      $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
        && $0.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    }
    let best = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
    if let chosen = moving.first(where: { $0.pointee.index == best }) ?? moving.first {
      return (chosen, sound != nil)
    }
    if let sound {
      let codec = String(cString: avcodec_get_name(sound.pointee.codecpar.pointee.codec_id))
      throw VideoError.audioOnly(path: path, codec: codec)
    }
    throw VideoError.notAVideo(
      path: path,
      found: "\(String(cString: context.pointee.iformat.pointee.name)) without a video stream")
  }
}

/// What a demuxer reads in place of a file.
struct ContainerInput {
  let bytes: UnsafeMutablePointer<AVIOContext>
  private let isMemory: Bool

  /// A playlist's text with its end marked: the demuxer would wait for more of a recording
  /// that is under way.
  ///
  /// - Throws: `VideoError.unusablePlaylist`.
  init(playlist path: String) throws {
    var text = try LocalPlaylist(path: path).text
    if !text.contains("#EXT-X-STREAM-INF"), !text.contains("#EXT-X-ENDLIST") {
      text += "#EXT-X-ENDLIST\n"
    }
    let data = Array(text.utf8)
    guard let opened = kess_memory_open(data, data.count) else {
      throw VideoError.outOfMemory(path: path, what: "a playlist")
    }
    bytes = opened
    isMemory = true
  }

  /// The first bytes of a file; nil if it does not open.
  init?(file path: String, bytes count: Int64) {
    guard let opened = kess_part_open(path, count) else { return nil }
    bytes = opened
    isMemory = false
  }

  func close() {
    if isMemory { kess_memory_close(bytes) } else { kess_part_close(bytes) }
  }
}
