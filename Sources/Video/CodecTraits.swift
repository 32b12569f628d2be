import CFFmpeg

/// What sparse decoding may rely on in a codec.
struct CodecTraits: Sendable {
  /// Every packet that is shown holds one frame.
  var hasOneFrameAPacket: Bool
  /// Decoding that begins at a key frame gives the same pixels as from the start.
  var beginsAtKeyFrames: Bool
  /// Dropping the pictures that FFmpeg's decoder calls non-reference leaves all
  /// others as they are.
  var keepsPixelsWithoutNonReference: Bool

  /// - Parameter parameters: The stream's, for its codec and its header.
  init(_ parameters: AVCodecParameters) {
    switch parameters.codec_id {
    case AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO:
      self.init(true, true, true)
    case AV_CODEC_ID_HEVC:
      // "Sub-layer non-reference" means unused only where there is one sub-layer.
      self.init(true, true, Self.temporalLayers(ofHEVC: parameters) == 1)
    case AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1, AV_CODEC_ID_MJPEG,
      AV_CODEC_ID_H263, AV_CODEC_ID_FLV1, AV_CODEC_ID_PRORES, AV_CODEC_ID_DNXHD,
      AV_CODEC_ID_RAWVIDEO, AV_CODEC_ID_HUFFYUV, AV_CODEC_ID_FFVHUFF, AV_CODEC_ID_DVVIDEO:
      self.init(true, true, false)
    case AV_CODEC_ID_MSMPEG4V2, AV_CODEC_ID_MSMPEG4V3, AV_CODEC_ID_WMV1, AV_CODEC_ID_FFV1:
      self.init(true, false, false)
    default:
      self.init(false, false, false)
    }
  }

  private init(_ oneFrame: Bool, _ begins: Bool, _ keepsPixels: Bool) {
    hasOneFrameAPacket = oneFrame
    beginsAtKeyFrames = begins
    keepsPixelsWithoutNonReference = keepsPixels
  }

  /// `numTemporalLayers` of an HEVC configuration record (ISO/IEC 14496-15, 8.3.3.1);
  /// 0 where the stream has none.
  private static func temporalLayers(ofHEVC parameters: AVCodecParameters) -> Int {
    guard parameters.extradata_size > 22, let header = parameters.extradata, header[0] == 1
    else { return 0 }
    return Int(header[21] >> 3 & 7)
  }
}
