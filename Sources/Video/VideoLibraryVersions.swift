import CFFmpeg

/// Which versions of the FFmpeg libraries decode and convert, as loaded now.
public enum VideoLibraryVersions {
  /// `61.3.100` and its kin, by library.
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
