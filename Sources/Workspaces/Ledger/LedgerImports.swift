import Foundation
import GRDB
import Records

/// A description that comes from a file instead of a describer.
public struct LedgerImport: Sendable {
  /// The video; its row is added if the ledger does not know it.
  public var video: LedgerVideo
  /// The text, and the sentences that it is made from as JSON; nil for a text by itself.
  public var text: String
  public var structured: String?
  public var source: LedgerImportSource

  public init(
    video: LedgerVideo, text: String, structured: String? = nil, source: LedgerImportSource
  ) {
    self.video = video
    self.text = text
    self.structured = structured
    self.source = source
  }

  /// Hash of all that makes a description: equal imports have equal keys on every machine.
  fileprivate var key: String {
    var hash = ContentHash()
    for part in ["import 1", source.name, video.id, text, structured ?? ""] { hash.update(part) }
    return hash.finalize()
  }
}

/// The source of imported descriptions: their describer in the ledger.
public struct LedgerImportSource: Sendable {
  /// The value of `LedgerRequest.describerKind` for imports.
  public static let kind = "imported"

  /// The describer's name.
  public var name: String
  /// The describer's identity as JSON.
  public var describer: String
  /// The file's name, its format and the SHA-256 of its bytes: the prompt of other requests.
  public var fileName: String
  public var format: String
  public var fileHash: String

  public init(name: String, describer: String, fileName: String, format: String, fileHash: String) {
    self.name = name
    self.describer = describer
    self.fileName = fileName
    self.format = format
    self.fileHash = fileHash
  }
}

/// What became of an imported description.
public enum LedgerImportOutcome: Sendable, Equatable {
  /// The video had no description; it is the present one now.
  case added
  /// The describer is new for the video, which keeps its present description by another one.
  case addedBeside
  /// The video has the same text of a describer with this name.
  case unchanged
  /// The describer's earlier text was replaced, or another describer's is no longer present.
  case replaced
  /// The describer has another text of the video; nothing was stored.
  case differs
}

extension Ledger {
  /// Stores imported descriptions in one transaction. Answers of other describers and earlier
  /// imports stay in the ledger.
  ///
  /// - Parameter isReplacing: whether an import becomes the present description of a video that
  ///   has one.
  /// - Returns: the outcomes in the order of the items.
  public func store(_ items: [LedgerImport], isReplacing: Bool) throws -> [LedgerImportOutcome] {
    try writing { database in
      try items.map { try Self.store($0, isReplacing: isReplacing, in: database) }
    }
  }

  private static func store(
    _ item: LedgerImport, isReplacing: Bool, in database: Database
  ) throws -> LedgerImportOutcome {
    let present = try register(item.video, in: database)
    let rows = try SQLRequest<Row>(
      sql: """
        SELECT descriptions.requestKey, descriptions.text, descriptions.structured,
          requests.describerKind
        FROM descriptions JOIN requests ON requests.key = descriptions.requestKey
        WHERE descriptions.videoID = ? AND \(model) = ?
        ORDER BY descriptions.created DESC, descriptions.rowid DESC
        """, arguments: [item.video.id, item.source.name], cached: true
    ).fetchAll(database)
    // An answer of a model has no sentences with times; its text is enough to know it again.
    let same = rows.first {
      let isImported = $0["describerKind"] as String == LedgerImportSource.kind
      return $0["text"] as String == item.text
        && (!isImported || $0["structured"] as String? == item.structured)
    }
    let newest = rows.first { $0["describerKind"] as String == LedgerImportSource.kind }
    let key = same.map { $0["requestKey"] as String } ?? item.key
    let isCurrent =
      same != nil
      && (newest == nil || newest?["requestKey"] as String? == key
        || same?["describerKind"] as String? != LedgerImportSource.kind)
    if isCurrent {
      guard present != key else { return .unchanged }
      guard present == nil || isReplacing else { return .unchanged }
      try makePresent(key, of: item.video.id, in: database)
      return present == nil ? .added : .replaced
    }
    guard newest == nil || isReplacing else { return .differs }
    if same == nil {
      try insert(item, key: key, in: database)
    } else {
      // An earlier text of the describer is its newest again.
      try database.change(
        "UPDATE descriptions SET created = ? WHERE videoID = ? AND requestKey = ?",
        [Date(), item.video.id, key])
    }
    guard present == nil || isReplacing else { return .addedBeside }
    try makePresent(key, of: item.video.id, in: database)
    return present == nil && newest == nil ? .added : .replaced
  }

  /// Adds or updates a whole video's row without a word on its pieces.
  ///
  /// - Returns: the request key of its present description.
  private static func register(_ video: LedgerVideo, in database: Database) throws -> String? {
    let old = try LedgerVideo.fetchOne(database, key: video.id)
    let new = merged(video, with: old)
    if new != old { try new.upsert(database) }
    return new.descriptionKey
  }

  private static func insert(_ item: LedgerImport, key: String, in database: Database) throws {
    let source = item.source
    try insertOnce(
      LedgerRequest(
        key: key, videoID: item.video.id, selectionKey: nil,
        describerKind: LedgerImportSource.kind, model: source.name, promptName: source.fileName,
        promptVersion: source.format, promptHash: source.fileHash, layout: "none",
        sampling: "{}", frames: "[]", predictedImageTokens: nil), in: database)
    try LedgerDescription(
      videoID: item.video.id, requestKey: key, text: item.text, status: .complete,
      describer: source.describer, structured: item.structured
    ).insert(database)
  }
}

/// A describer with descriptions in a ledger.
public struct LedgerDescriber: Codable, Sendable, Equatable {
  /// `openai`, `builtin` or `imported`.
  public var kind: String
  /// The model's name, or the name given to an import.
  public var model: String
  /// The number of videos that it described, and of those whose present description is its.
  public var videos: Int
  public var presentVideos: Int
  /// For an import, its files with the SHA-256 of each.
  public var files: [String: String]

  /// `imported: uca`, `openai Qwen/Qwen2.5-VL-7B-Instruct`.
  public var name: String {
    kind == LedgerImportSource.kind ? "\(kind): \(model)" : "\(kind) \(model)"
  }
}

extension Ledger {
  /// SQL: the model of a description, joined with its request.
  static let model = "coalesce(json_extract(descriptions.describer, '$.model'), requests.model)"

  /// The describers of the ledger, most present descriptions first.
  public func describers(split: String? = nil) throws -> [LedgerDescriber] {
    try reading { try Self.describers(split: split, in: $0) }
  }

  static func describers(split: String?, in database: Database) throws -> [LedgerDescriber] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT requests.describerKind AS kind, \(model) AS model,
          count(DISTINCT videos.id) AS total,
          count(*) FILTER (WHERE videos.descriptionKey = descriptions.requestKey) AS present
        FROM descriptions JOIN requests ON requests.key = descriptions.requestKey
          JOIN videos ON videos.id = descriptions.videoID
        WHERE ?1 IS NULL OR videos.split = ?1
        GROUP BY 1, 2 ORDER BY present DESC, total DESC, 1, 2
        """, arguments: [split])
    let files = try Row.fetchAll(
      database,
      sql: """
        SELECT DISTINCT model, promptName, promptHash FROM requests WHERE describerKind = ?
        """, arguments: [LedgerImportSource.kind])
    return rows.map { row in
      let (kind, model): (String, String) = (row["kind"], row["model"])
      let own = kind == LedgerImportSource.kind ? files.filter { $0["model"] == model } : []
      return LedgerDescriber(
        kind: kind, model: model, videos: row["total"], presentVideos: row["present"],
        files: Dictionary(
          own.map { ($0["promptName"] as String, $0["promptHash"] as String) },
          uniquingKeysWith: { _, last in last }))
    }
  }

  /// Makes a describer's newest descriptions the present ones. Videos that it has not described
  /// keep theirs.
  ///
  /// - Parameter name: `LedgerDescriber.model`, or the whole `name`; the case does not matter.
  /// - Returns: the describers that the name means, and the number of videos whose present
  ///   description changed; nil if no describer has the name.
  public func makePresent(describer name: String) throws -> (
    describers: [LedgerDescriber], changed: Int
  )? {
    let wanted = name.lowercased()
    let found = try describers().filter {
      [$0.model, $0.name, "\($0.kind) \($0.model)"].contains { $0.lowercased() == wanted }
    }
    guard !found.isEmpty else { return nil }
    let keys = try reading { database in
      try found.reduce(into: [String: String]()) { keys, describer in
        let rows = try Row.fetchAll(
          database,
          sql: """
            SELECT descriptions.videoID, descriptions.requestKey
            FROM descriptions JOIN requests ON requests.key = descriptions.requestKey
              JOIN videos ON videos.id = descriptions.videoID
            WHERE requests.describerKind = ? AND \(Self.model) = ? AND videos.isCurrent
            ORDER BY descriptions.created, descriptions.rowid
            """, arguments: [describer.kind, describer.model])
        for row in rows { keys[row["videoID"]] = row["requestKey"] as String }
      }
    }
    let before = try counts(present: keys)
    try makePresent(keys)
    return (found, keys.count - before)
  }

  /// The number of videos whose present description is the one of `keys`.
  private func counts(present keys: [String: String]) throws -> Int {
    try reading { database in
      try Row.fetchAll(
        database, sql: "SELECT id, descriptionKey FROM videos WHERE descriptionKey IS NOT NULL"
      ).count { keys[$0["id"] as String] == $0["descriptionKey"] as String? }
    }
  }
}
