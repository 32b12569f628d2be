import Foundation
import Records
import Synchronization
import TestSupport
import Workspaces

/// A workspace whose ledger holds made-up descriptions: no video is there, and no
/// describer was run.
struct StoredDescriptions {
  let folder: TemporaryFolder
  let workspace: Workspace
  /// Present texts by video.
  private(set) var texts: [String: String] = [:]
  private var answers = 0

  /// - Parameter place: the workspace's folder; `space` in `folder` by default.
  init(videos count: Int, in folder: TemporaryFolder, at place: URL? = nil) throws {
    self.folder = folder
    workspace = try Workspace.create(
      at: place ?? folder.file("space"), dataset: "made", root: nil)
    let ledger = try workspace.openLedger()
    try ledger.register(
      (0..<count).map {
        LedgerVideo(
          id: "v\($0)", path: "/v\($0).mp4",
          fingerprint: VideoFingerprint(sizeBytes: 1, modifiedSeconds: 1, hash: "\($0)"),
          split: "train", classNames: nil, isAnomalous: nil)
      })
    try ledger.close()
    try describe((0..<count).map { "v\($0)" })
  }

  /// Gives videos descriptions that no video had before.
  mutating func describe(_ videos: [String]) throws {
    let ledger = try workspace.openLedger()
    for video in videos {
      answers += 1
      let text = "A person walks past sign \(answers). The street is quiet then."
      try ledger.record(
        LedgerRequest(
          key: "r\(answers)", videoID: video, selectionKey: nil, describerKind: "test",
          model: "m", promptName: "p", promptVersion: "1", promptHash: "h", layout: "l",
          sampling: "{}", frames: "[]", predictedImageTokens: nil))
      try ledger.store(
        LedgerDescription(
          videoID: video, requestKey: "r\(answers)", text: text, status: .complete,
          describer: "{}"), intentKey: "i\(answers)")
      texts[video] = text
    }
    try ledger.close()
  }

  /// Runs `embed` on the workspace.
  func embed(_ arguments: [String], whileRunning: (@Sendable (Process) -> Void)? = nil) throws
    -> CommandRun
  {
    try CommandRun.run(
      "embed", arguments + ["--workspace", workspace.root.path], in: folder.url,
      whileRunning: whileRunning)
  }

  /// The hashes of the texts that the index has a vector for.
  func recordedHashes() throws -> Set<String> {
    let ledger = try workspace.openLedger()
    defer { try? ledger.close() }
    return try ledger.textRecipes().reduce(into: []) { hashes, recipe in
      for shard in try ledger.textShards(recipe: recipe.id ?? 0) {
        hashes.formUnion(try ledger.textVectors(shard: shard.id ?? 0).map(\.textHash))
      }
    }
  }

  /// The vectors that `embed export` gives, by video.
  func exportedVectors() throws -> [String: [Float]] {
    struct Line: Decodable {
      var owner: String
      var embedding: [Float]
    }
    let run = try embed(["export", "--jsonl", "vectors.jsonl"])
    guard run.exitCode == 0 else { return [:] }
    return try String(contentsOf: folder.file("vectors.jsonl"), encoding: .utf8)
      .split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      .reduce(into: [:]) { $0[$1.owner] = $1.embedding }
  }
}

/// Lets a number of answers through, and holds the others until it is opened.
final class AnswerGate: Sendable {
  private let left: Mutex<Int>

  init(_ count: Int) { left = Mutex(count) }

  func pass() {
    while !left.withLock({ left in
      guard left > 0 else { return false }
      left -= 1
      return true
    }) { usleep(500) }
  }

  func open() { left.withLock { $0 = .max } }
}

/// A server of embeddings that follow from the text alone.
enum TextHashServer {
  /// Eight numbers, of length 1.
  static func vector(of text: String) -> [Float] {
    let hash = Array(ContentHash.of(Data(text.utf8)).utf8)
    let row = (0..<8).map { Float(hash[$0]) - 75 }
    let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return row.map { $0 / length }
  }

  /// - Parameters:
  ///   - delayMicroseconds: of each answer.
  ///   - gate: what each answer waits for.
  static func start(delayMicroseconds: UInt32, gate: AnswerGate? = nil) throws
    -> FaultInjectingServer
  {
    try FaultInjectingServer { request in
      gate?.pass()
      usleep(delayMicroseconds)
      return .embeddings((request.json?["input"] as? [String] ?? []).map(vector))
    }
  }

  /// Every text that was asked for, in order.
  static func asked(_ server: FaultInjectingServer) -> [String] {
    server.requests.flatMap { $0.json?["input"] as? [String] ?? [] }
  }
}
