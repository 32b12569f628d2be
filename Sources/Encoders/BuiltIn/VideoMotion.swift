import Video

/// The motion of a video or of a piece of it, about `MotionNovelty.framesPerSecond` samples
/// per second: what the built-in describer puts into sentences.
///
/// A selection that decodes the video anyway can measure the same samples in its own pass;
/// see `MotionSchedule` and `PairedMotionAnalyzer`.
package enum VideoMotion {
  /// The distance, in frames, between the frames that are analyzed.
  static func step(of info: VideoInfo) -> Int {
    max(1, Int((info.averageFrameRate / MotionNovelty.framesPerSecond).rounded()))
  }

  /// The motion of a video. It is decoded once from its start at a small size.
  ///
  /// - Throws: `VideoError` if the file is not a readable video.
  package static func samples(of path: String, view: VideoView = .asRecorded) throws
    -> [MotionSample]
  {
    try samples(of: path, view: view, span: nil)
  }

  /// The motion of a piece of a video, with times from the start of the piece. With a
  /// trustworthy index only the frames that it needs are decoded.
  package static func samples(of span: Range<Double>, in index: FrameIndex) throws
    -> [MotionSample]
  {
    guard index.isTrustworthy else {
      return try samples(of: index.info.path, view: index.view, span: span)
    }
    var analyzer = MotionAnalyzer()
    var samples: [MotionSample] = []
    try SparseFrames.decode(
      at: places(of: span, in: index), of: index, scaledTo: .longestSide(MotionImage.longestSide)
    ) { frame in
      samples.append(
        analyzer.observe(frame.image, at: frame.timestampSeconds - span.lowerBound))
    }
    return samples
  }

  /// The positions in a trustworthy index of a piece's frames that are analyzed.
  package static func places(of span: Range<Double>, in index: FrameIndex) -> [Int] {
    let step = step(of: index.info)
    return index.timestamps.indices.filter {
      span.contains(index.timestamps[$0]) && $0 % step == 0
    }
  }

  private static func samples(
    of path: String, view: VideoView, span: Range<Double>?
  ) throws -> [MotionSample] {
    let reader = try VideoReader(
      path: path, view: view, scaledTo: .longestSide(MotionImage.longestSide))
    var schedule = MotionSchedule(reader.info, span: span)
    var analyzer = MotionAnalyzer()
    var samples: [MotionSample] = []
    while !schedule.isOver {
      if schedule.wants(reader.decodedFrameCount) {
        guard let frame = try reader.nextFrame() else { break }
        guard let seconds = schedule.seconds(of: frame) else { continue }
        samples.append(analyzer.observe(frame.image, at: seconds))
      } else if try reader.skipFrame() == nil {
        break
      }
    }
    return samples
  }
}

/// Which frames of a video that is decoded from its start `VideoMotion` analyzes, and at
/// which times.
package struct MotionSchedule {
  private let step: Int
  private let span: Range<Double>?
  /// Whether the span lies behind.
  package private(set) var isOver = false

  /// - Parameter span: the piece of the video's clock; nil for the whole video.
  package init(_ info: VideoInfo, span: Range<Double>?) {
    step = VideoMotion.step(of: info)
    self.span = span
  }

  /// Whether the next frame must be converted, after `decodedFrameCount` frames.
  package func wants(_ decodedFrameCount: Int) -> Bool {
    !isOver && decodedFrameCount % step == 0
  }

  /// The time of a wanted frame from the start of the span; nil for a frame outside it.
  package mutating func seconds(of frame: VideoFrame) -> Double? {
    guard let span else { return frame.timestampSeconds }
    isOver = frame.timestampSeconds >= span.upperBound
    return span.contains(frame.timestampSeconds)
      ? frame.timestampSeconds - span.lowerBound : nil
  }
}

/// Two analyses of one video in one pass, each of frames of its own choice. The samples equal
/// those of two separate analyzers.
///
/// Whatever both need is computed once: everything as long as both have seen the same frames
/// at the same times; afterwards a frame's reduction, and the motion between two frames that
/// follow each other in both analyses. The backgrounds differ then, and with them the rest.
package struct PairedMotionAnalyzer: Sendable {
  private var first = MotionAnalyzer()
  /// Unused while `isForked` is false: `first` stands for both.
  private var second = MotionAnalyzer()
  private var isForked = false
  /// Whether both have the same last frame.
  private var isAbreast = true
  /// The number of measurements of the motion between two frames, which take most of the
  /// time.
  package private(set) var fieldCount = 0

  package init() {}

  /// Analyses the next frame.
  ///
  /// - Parameters:
  ///   - firstSeconds: the frame's time in the first analysis; nil if it does not want it.
  ///   - secondSeconds: the same for the second analysis.
  /// - Precondition: as for `MotionAnalyzer`, in each analysis.
  package mutating func observe(
    _ picture: RGBImage, firstSeconds: Double?, secondSeconds: Double?
  ) -> (first: MotionSample?, second: MotionSample?) {
    guard firstSeconds != nil || secondSeconds != nil else { return (nil, nil) }
    let image = MotionImage(picture)
    if !isForked {
      if let firstSeconds, firstSeconds == secondSeconds {
        if first.lastImage != nil { fieldCount += 1 }
        let sample = first.observe(image, at: firstSeconds)
        return (sample, sample)
      }
      second = first
      isForked = true
    }
    var field: MotionField?
    if firstSeconds != nil, secondSeconds != nil, isAbreast, let last = first.lastImage {
      field = MotionField(from: last, to: image)
      fieldCount += 1
    }
    if field == nil {
      if firstSeconds != nil, first.lastImage != nil { fieldCount += 1 }
      if secondSeconds != nil, second.lastImage != nil { fieldCount += 1 }
    }
    isAbreast = firstSeconds != nil && secondSeconds != nil
    return (
      firstSeconds.map { first.observe(image, at: $0, field: field) },
      secondSeconds.map { second.observe(image, at: $0, field: field) }
    )
  }
}
