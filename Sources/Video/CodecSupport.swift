import CFFmpeg

/// Which of the codecs that surveillance video comes in the installed FFmpeg knows.
public struct CodecSupport: Sendable, Equatable, Encodable {
  /// FFmpeg's name of the format.
  public let name: String
  /// The library's first decoder of it, nil where there is none.
  public let decoder: String?
  /// The library's first encoder of it, nil where there is none.
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
