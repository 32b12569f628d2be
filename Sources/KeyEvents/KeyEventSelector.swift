import Foundation
import Video

/// What to select.
public struct SelectionOptions: Sendable, Equatable {
  /// How many frames.
  public var frames: Int
  public var strategy: SelectionStrategy
  /// `SpreadObjective`'s dial, 0...1.
  public var spread: Double
  /// Threads that decode one video; the result is the same for any number.
  public var decodingThreads: Int

  public init(
    frames: Int = 8, strategy: SelectionStrategy = .kess, spread: Double = 0.5,
    decodingThreads: Int = 1
  ) {
    self.frames = frames
    self.strategy = strategy
    self.spread = spread
    self.decodingThreads = decodingThreads
  }
}

/// A selection: its record and the chosen pictures.
public struct KeyEventSelection: Sendable {
  /// Its `frames[].image` are nil until `SelectionWriter` has written them.
  public var record: SelectionRecord
  /// The chosen frames at native size, in the record's order.
  public var frames: [VideoFrame]
  /// All candidates and their relevance.
  public var curve: RelevanceCurve
}

/// Selects the key events of a video: one pass of decoding for relevance, a
/// second one for the chosen frames alone.
public enum KeyEventSelector {
  /// Selects frames of the video at `path`.
  ///
  /// - Throws: `VideoError` for what is no readable video, `KeyEventError` for
  ///   settings out of range, and what the scorer throws.
  public static func select(
    path: String, options: SelectionOptions = SelectionOptions(), scorer: any RelevanceScorer
  ) throws -> KeyEventSelection {
    guard options.frames >= 1 else {
      throw KeyEventError.badSetting(
        name: "frames", found: "\(options.frames)", allowed: "1 or more")
    }
    guard (0...1).contains(options.spread) else {
      throw KeyEventError.badSetting(
        name: "spread", found: "\(options.spread)", allowed: "0 to 1")
    }
    var pass = try ScoringPass(path: path, options: options, scorer: scorer)
    // Headers lie about durations, and frame rates vary: short of candidates,
    // every frame becomes one.
    if pass.times.count < options.frames, pass.times.count < pass.frameCount {
      pass = try ScoringPass(path: path, options: options, scorer: scorer, perSecond: .infinity)
    }
    guard !pass.times.isEmpty else { throw KeyEventError.noFrames(path: path) }
    let curve = pass.curve
    let chosen = try options.strategy.selectKeyEvents(
      from: curve, count: options.frames, spread: options.spread)
    let record = pass.record(choosing: chosen, options: options, scorer: scorer)
    let frames = try VideoFrames.frames(at: chosen.map { pass.frameIndices[$0] }, of: path)
    return KeyEventSelection(record: record, frames: frames, curve: curve)
  }
}

/// The pass over a video that scores its candidates.
private struct ScoringPass {
  let info: VideoInfo
  let warnings: [String]
  let frameCount: Int
  let perSecond: Double
  let durationSeconds: Double
  private(set) var frameIndices: [Int] = []
  private(set) var times: [Double] = []
  private(set) var relevance: [CandidateRelevance] = []

  init(
    path: String, options: SelectionOptions, scorer: any RelevanceScorer, perSecond: Double? = nil
  ) throws {
    let reader = try VideoReader(
      path: path, scaledTo: scorer.preferredScaling, threads: options.decodingThreads)
    info = reader.info
    var sampler =
      perSecond.map { CandidateSampler(perSecond: $0) }
      ?? CandidateSampler(frames: options.frames, durationSeconds: info.durationSeconds)
    let observed = scorer.observationsPerSecond
    var observations = observed > 0 ? CandidateSampler(perSecond: observed) : nil
    let scoring = try scorer.begin(info)
    let interval = info.averageFrameRate > 0 ? 1 / info.averageFrameRate : 0.04
    // Whether a frame is wanted is known from its time, its time only from
    // decoding it: the next frame is expected one interval on, and one that is
    // not expected to be wanted is not converted.
    var expected = 0.0
    var last = 0.0
    while true {
      let isWanted =
        sampler.isDue(at: expected) || (observations?.isDue(at: expected) ?? false)
      guard isWanted else {
        guard let skipped = try reader.skipFrame() else { break }
        last = skipped.timestampSeconds
        expected = last + interval
        continue
      }
      guard let frame = try reader.nextFrame() else { break }
      let seconds = frame.timestampSeconds
      last = seconds
      expected = seconds + interval
      let isCandidate = sampler.isDue(at: seconds)
      if isCandidate {
        sampler.take(at: seconds)
        frameIndices.append(frame.frameIndex)
        times.append(seconds)
      }
      observations?.take(at: seconds)
      try scoring.observe(frame, isCandidate: isCandidate)
    }
    relevance = try scoring.finish()
    warnings = reader.warnings
    frameCount = reader.decodedFrameCount
    self.perSecond = min(sampler.perSecond, info.averageFrameRate)
    durationSeconds = last + interval
  }

  var curve: RelevanceCurve {
    RelevanceCurve(
      timestamps: times, relevance: relevance.map(\.value), durationSeconds: durationSeconds)
  }

  func record(
    choosing chosen: [Int], options: SelectionOptions, scorer: any RelevanceScorer
  ) -> SelectionRecord {
    let curve = curve
    let events = KeyEvent.segment(curve)
    let roles = RoleAssignment.assign(
      chosen, in: curve, events: events, prompts: relevance.map(\.prompt))
    return SelectionRecord(
      format: SelectionRecord.currentFormat,
      video: SelectionRecord.Source(
        path: info.path, width: info.width, height: info.height,
        durationSeconds: durationSeconds, frameCount: frameCount,
        claimedFrameCount: info.claimedFrameCount, averageFrameRate: info.averageFrameRate,
        codec: info.codec, container: info.container, warnings: warnings),
      strategy: options.strategy,
      objective: SelectionRecord.Objective(
        formula: options.strategy.formula, spread: options.spread,
        value: Self.value(of: chosen, in: curve, spread: options.spread)),
      scorer: scorer.identity, queries: scorer.queries, requestedFrames: options.frames,
      frames: zip(chosen, roles).map { candidate, role in
        SelectionRecord.Frame(
          candidateIndex: candidate, frameIndex: frameIndices[candidate],
          timestampSeconds: times[candidate], relevance: curve.relevance[candidate],
          role: role.role, event: role.event, reason: role.reason)
      },
      events: events,
      candidates: SelectionRecord.Candidates(
        perSecond: perSecond, unscored: curve.unscored.count, frameIndex: frameIndices,
        timestampSeconds: times, relevance: curve.relevance))
  }

  /// The objective's value, where all chosen candidates are scored.
  private static func value(of chosen: [Int], in curve: RelevanceCurve, spread: Double) -> Double? {
    let relevance = curve.normalised()
    guard chosen.allSatisfy({ relevance[$0] != nil }) else { return nil }
    return SpreadObjective(
      timestamps: curve.timestamps, relevance: relevance.map { $0 ?? 0 },
      durationSeconds: curve.durationSeconds, spread: spread
    ).value(of: chosen)
  }
}
