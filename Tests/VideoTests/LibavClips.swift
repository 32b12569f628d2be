import CFFmpeg

/// The kinds of video that sparse decoding is held to.
extension LibavClip {
  private static func x264(_ more: [String: String]) -> [String: String] {
    let usual = ["preset": "veryfast", "crf": "28", "g": "12", "bf": "3"]
    return usual.merging(more) { $1 }
  }
  /// An uneven pace with a pause, in 600ths of a second.
  private static let uneven: [Int64] = (0..<60).map { (frame: Int64) -> Int64 in
    let jitter: Int64 = frame % 7 * 3
    return frame * 20 + jitter + frame / 20 * 900
  }
  private static let fromBeforeZero: [Int64] = Array(-9..<51)
  private static let late: [Int64] = Array(900..<960)
  private static let x265Groups = quietX265 + ":open-gop=1:bframes=4"
  private static let quietX265 = "log-level=none:pools=none:frame-threads=1:keyint=12:min-keyint=6"
  private static let key: @Sendable (UnsafeMutablePointer<AVPacket>) -> Void = {
    $0.pointee.flags |= AV_PKT_FLAG_KEY
  }

  /// H.264 in all its structures.
  static let h264: [LibavClip] = [
    LibavClip(
      description: "B-frames and a pyramid", file: "pyramid.mp4", encoder: "libx264",
      options: x264(["b-pyramid": "normal", "b_strategy": "0"])),
    LibavClip(
      description: "open groups", file: "open.mp4", encoder: "libx264",
      options: x264(["x264-params": "open-gop=1:b-adapt=0"])),
    LibavClip(
      description: "open groups", file: "open.mkv", encoder: "libx264",
      options: x264(["x264-params": "open-gop=1:b-adapt=0"])),
    LibavClip(
      description: "open groups", file: "open.ts", encoder: "libx264",
      options: x264(["x264-params": "open-gop=1:b-adapt=0"])),
    LibavClip(
      description: "intra refresh without key frames", file: "refresh.mp4", encoder: "libx264",
      options: x264(["x264-params": "intra-refresh=1:keyint=12", "bf": "0"])),
    LibavClip(
      description: "several references and slices", file: "references.mkv", encoder: "libx264",
      options: x264(["refs": "5", "slices": "3"])),
    LibavClip(
      description: "every packet called a key frame", file: "all-keys.mp4", encoder: "libx264",
      options: x264([:]), edit: key),
    LibavClip(
      description: "variable frame rate", file: "variable.mp4", encoder: "libx264",
      timeBase: (1, 600), times: uneven,
      options: x264([:])),
    LibavClip(
      description: "variable frame rate", file: "variable.mkv", encoder: "libx264",
      timeBase: (1, 600), times: uneven,
      options: x264([:])),
    LibavClip(
      description: "an edit list that hides the first frames", file: "edited.mp4",
      encoder: "libx264", times: fromBeforeZero, options: x264([:]),
      muxerOptions: ["avoid_negative_ts": "disabled"]),
    LibavClip(
      description: "a late start", file: "late.ts", encoder: "libx264",
      times: late, options: x264([:])),
    LibavClip(
      description: "interlaced", file: "interlaced.mp4", encoder: "libx264", options: x264([:]),
      isInterlaced: true),
    LibavClip(
      description: "interlaced", file: "interlaced.ts", encoder: "libx264", options: x264([:]),
      isInterlaced: true),
    LibavClip(
      description: "half a frame a second", file: "half.mp4", encoder: "libx264",
      timeBase: (2, 1), options: x264([:])),
    LibavClip(
      description: "29.97 frames a second", file: "ntsc.mp4", encoder: "libx264",
      timeBase: (1001, 30000), options: x264([:])),
    LibavClip(
      description: "29.97 frames a second, milliseconds", file: "ntsc.mkv", encoder: "libx264",
      timeBase: (1001, 30000), options: x264([:])),
    LibavClip(
      description: "10 bits", file: "ten.mp4", encoder: "libx264",
      pixelFormat: AV_PIX_FMT_YUV420P10LE, options: x264([:])),
    LibavClip(
      description: "an odd size", file: "odd.mp4", encoder: "libx264", width: 97, height: 65,
      pixelFormat: AV_PIX_FMT_YUV444P, options: x264([:])),
    LibavClip(
      description: "no cues", file: "no-cues.mkv", encoder: "libx264", options: x264([:]),
      muxerOptions: ["live": "1"]),
    LibavClip(
      description: "fragments", file: "fragments.mp4", encoder: "libx264", options: x264([:]),
      muxerOptions: ["movflags": "frag_keyframe+empty_moov"]),
    LibavClip(
      description: "only one key frame", file: "one-key.mp4", encoder: "libx264",
      options: x264(["g": "600"])),
    LibavClip(
      description: "in an AVI", file: "h264.avi", encoder: "libx264",
      options: x264(["bf": "0"])),
    LibavClip(
      description: "B-frames in an AVI", file: "h264-b.avi", encoder: "libx264", options: x264([:])),
    LibavClip(
      description: "in an FLV", file: "h264.flv", encoder: "libx264", options: x264([:])),
    LibavClip(
      description: "without a container", file: "plain.h264", encoder: "libx264", options: x264([:])
    ),
  ]

  /// Every other codec.
  static let otherCodecs: [LibavClip] = [
    LibavClip(
      description: "open groups and leading pictures", file: "hevc.mp4", encoder: "libx265",
      options: ["x265-params": x265Groups]),
    LibavClip(
      description: "open groups and leading pictures", file: "hevc.mkv", encoder: "libx265",
      options: ["x265-params": x265Groups]),
    LibavClip(
      description: "open groups and leading pictures", file: "hevc.ts", encoder: "libx265",
      options: ["x265-params": x265Groups]),
    LibavClip(
      description: "decodable leading pictures", file: "hevc-radl.mp4", encoder: "libx265",
      options: ["x265-params": quietX265 + ":open-gop=0:bframes=4:radl=2"]),
    LibavClip(
      description: "temporal layers", file: "hevc-layers.mp4", encoder: "libx265",
      options: ["x265-params": quietX265 + ":bframes=4:temporal-layers=3"]),
    LibavClip(
      description: "10 bits", file: "hevc-ten.mp4", encoder: "libx265",
      pixelFormat: AV_PIX_FMT_YUV420P10LE, options: ["x265-params": quietX265]),
    LibavClip(
      description: "no B-frames", file: "mpeg4.avi", encoder: "mpeg4", options: ["g": "12"]),
    LibavClip(
      description: "B-frames without times", file: "mpeg4-b.avi", encoder: "mpeg4",
      options: ["g": "12", "bf": "2"]),
    LibavClip(
      description: "B-frames", file: "mpeg4.mp4", encoder: "mpeg4",
      options: ["g": "12", "bf": "2"]),
    LibavClip(
      description: "B-frames", file: "mpeg4.mkv", encoder: "mpeg4",
      options: ["g": "12", "bf": "2"]),
    LibavClip(
      description: "an odd size", file: "mpeg4-odd.mp4", encoder: "mpeg4", width: 97, height: 65,
      options: ["g": "12"]),
    LibavClip(
      description: "open groups", file: "mpeg2.ts", encoder: "mpeg2video",
      options: ["g": "12", "bf": "2"]),
    LibavClip(
      description: "open groups", file: "mpeg2.mkv", encoder: "mpeg2video",
      options: ["g": "12", "bf": "2"]),
    LibavClip(
      description: "interlaced", file: "mpeg2.mpg", encoder: "mpeg2video",
      options: ["g": "12", "bf": "2"], isInterlaced: true),
    LibavClip(
      description: "alternate references", file: "vp8.webm", encoder: "libvpx",
      options: [
        "g": "20", "auto-alt-ref": "1", "lag-in-frames": "12", "deadline": "realtime",
        "b": "200000",
      ]),
    LibavClip(
      description: "alternate references, an odd size", file: "vp9.webm", encoder: "libvpx-vp9",
      width: 97, height: 65,
      options: ["g": "20", "lag-in-frames": "12", "cpu-used": "5", "b": "200000"]),
    LibavClip(
      description: "in an MP4", file: "vp9.mp4", encoder: "libvpx-vp9",
      options: ["g": "20", "lag-in-frames": "12", "cpu-used": "5", "b": "200000"]),
    LibavClip(
      description: "hidden references", file: "av1.webm", encoder: "libaom-av1",
      options: ["g": "20", "cpu-used": "8", "lag-in-frames": "12", "b": "200000"]),
    LibavClip(
      description: "hidden references", file: "av1.mp4", encoder: "libaom-av1",
      options: ["g": "20", "cpu-used": "8", "lag-in-frames": "12", "b": "200000"]),
    LibavClip(
      description: "only key frames", file: "mjpeg.avi", encoder: "mjpeg",
      pixelFormat: AV_PIX_FMT_YUVJ420P),
    LibavClip(
      description: "times that repeat", file: "repeats.mkv", encoder: "mjpeg",
      pixelFormat: AV_PIX_FMT_YUVJ420P,
      edit: { packet in
        packet.pointee.pts = packet.pointee.pts / 2 * 2
        packet.pointee.dts = packet.pointee.pts
      }),
    LibavClip(
      description: "a codec that is not relied on", file: "wmv.avi", encoder: "wmv2",
      options: ["g": "12"]),
  ]
}
