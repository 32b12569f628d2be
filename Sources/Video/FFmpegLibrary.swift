import CFFmpeg

/// Process-wide set-up of the FFmpeg libraries, and their error texts.
enum FFmpegLibrary {
  /// Silences the libraries' own log, once: what matters becomes a `VideoError`
  /// or a warning of the reader.
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
