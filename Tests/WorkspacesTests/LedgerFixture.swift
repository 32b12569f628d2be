import Foundation
import TestSupport
import Workspaces

/// A ledger in a folder of its own, and rows to put into it.
struct LedgerFixture {
  let folder: TemporaryFolder
  let ledger: Ledger

  init() throws {
    folder = try TemporaryFolder()
    ledger = try Ledger(at: folder.file("ledger.sqlite"))
  }

  static func video(_ id: String, hash: String = "h", split: String? = "train") -> LedgerVideo {
    LedgerVideo(
      id: id, path: "/videos/\(id).mp4",
      fingerprint: VideoFingerprint(sizeBytes: 10, modifiedSeconds: 5, hash: hash), split: split,
      classNames: ["Fighting", "Shooting"], isAnomalous: true)
  }

  static func selection(_ video: String, key: String = "s") -> LedgerSelection {
    LedgerSelection(
      videoID: video, key: key, strategy: "kess", scorer: "builtin",
      recordPath: "selections/\(video).json", created: Date(timeIntervalSince1970: 1000))
  }

  static func request(_ key: String, video: String, selection: String? = "s") -> LedgerRequest {
    LedgerRequest(
      key: key, videoID: video, selectionKey: selection, describerKind: "openai", model: "m",
      promptName: "describe", promptVersion: "1", promptHash: "p", layout: "stills",
      sampling: "{}", frames: "[{\"timestampSeconds\":0.5},{\"timestampSeconds\":2}]",
      predictedImageTokens: 202, created: Date(timeIntervalSince1970: 1000))
  }

  /// Takes a video through to an answer, as a run does.
  func answer(
    _ video: String, request: String, intent: String, text: String,
    findings: [AnswerFinding]? = nil, structured: String? = nil
  ) throws {
    try Self.answer(
      video, request: request, intent: intent, text: text, findings: findings,
      structured: structured, in: ledger)
  }

  static func answer(
    _ video: String, request: String, intent: String, text: String,
    findings: [AnswerFinding]? = nil, structured: String? = nil, in ledger: Ledger
  ) throws {
    _ = try ledger.prepare(
      Self.request(request, video: video), selection: Self.selection(video), durationSeconds: 9)
    var attempt = try ledger.begin(
      LedgerAttempt(videoID: video, requestKey: request, stage: .describe, endpoint: "http://e"))
    attempt.status = .succeeded
    attempt.httpStatus = 200
    try ledger.store(
      LedgerDescription(
        videoID: video, requestKey: request, text: text, status: .complete, describer: "{}",
        attemptID: attempt.id, created: Date(timeIntervalSince1970: 2000), findings: findings,
        structured: structured),
      intentKey: intent, endOf: attempt)
  }
}
