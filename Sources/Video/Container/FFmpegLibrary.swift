import CFFmpeg

/// Process-wide set-up of the FFmpeg libraries, and their error texts.
enum FFmpegLibrary {
  /// Silences the libraries' own log, once. Important messages become a `VideoError` or a
  /// warning of the reader.
  static func prepare() { _ = silenced }

  private static let silenced: Bool = {
    av_log_set_level(AV_LOG_QUIET)
    return true
  }()

  /// The library's text for an error code, in lower case.
  static func message(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: Int(AV_ERROR_MAX_STRING_SIZE) * 2)
    guard av_strerror(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .lowercased()
  }
}

/// The installed FFmpeg's support of a codec that is common in surveillance video.
public struct CodecSupport: Sendable, Equatable, Encodable {
  /// FFmpeg's name of the format.
  public let name: String
  /// The library's first decoder of the format; nil if there is none.
  public let decoder: String?
  /// The library's first encoder of the format; nil if there is none.
  public let encoder: String?

  /// H.264, HEVC, VP9, AV1, MPEG-4 and Motion JPEG.
  public static var all: [CodecSupport] {
    [
      AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1, AV_CODEC_ID_MPEG4,
      AV_CODEC_ID_MJPEG,
    ].map { id in
      CodecSupport(
        name: String(cString: avcodec_get_name(id)),
        decoder: avcodec_find_decoder(id).map { String(cString: $0.pointee.name) },
        encoder: avcodec_find_encoder(id).map { String(cString: $0.pointee.name) })
    }
  }
}

/// The versions of the loaded FFmpeg libraries.
public enum VideoLibraryVersions {
  /// Versions such as `61.3.100`, by library.
  public static var all: [String: String] {
    [
      "libavformat": text(avformat_version()), "libavcodec": text(avcodec_version()),
      "libswscale": text(swscale_version()), "libavutil": text(avutil_version()),
    ]
  }

  private static func text(_ version: UInt32) -> String {
    "\(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)"
  }
}
