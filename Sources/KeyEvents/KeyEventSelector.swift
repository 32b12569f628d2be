import Video

/// A selection: its record and the chosen pictures.
public struct KeyEventSelection: Sendable {
  /// Its `frames[].image` are nil until `SelectionWriter` has written them.
  public var record: SelectionRecord
  /// The chosen frames at native size, in the record's order.
  public var frames: [VideoFrame]
  /// All candidates, their relevance, and what they look like where that is known.
  public var curve: RelevanceCurve
}

/// Selects the key events of a video: a pass that decodes and scores its candidates,
/// and one for the chosen frames at native size.
public enum KeyEventSelector {
  /// Selects frames of the video at `path`.
  ///
  /// - Throws: `VideoError` for what is no readable video, `KeyEventError` for
  ///   settings out of range, and what the scorer throws.
  public static func select(
    path: String, options: SelectionOptions = SelectionOptions(), scorer: any RelevanceScorer
  ) throws -> KeyEventSelection {
    try options.validate()
    return try select(from: IndexedVideo(path: path), options: options, scorer: scorer)
  }

  /// The same for a video whose packets are read already, or for a part of it.
  ///
  /// - Parameter span: the part of the video's clock that is taken for a video of its
  ///   own, with times that count from its start; nil for all of it. Only what it needs
  ///   is decoded, where the packets tell the frames.
  public static func select(
    from video: IndexedVideo, span: Range<Double>? = nil,
    options: SelectionOptions = SelectionOptions(), scorer: any RelevanceScorer
  ) throws -> KeyEventSelection {
    let video = try ScoredVideo(video, span: span, options: options, scorer: scorer)
    let record = try video.record(options)
    let frames = try video.pictures(of: record.frames.map(\.candidateIndex))
    return KeyEventSelection(record: record, frames: frames, curve: video.curve)
  }
}
