import Foundation
import Records

/// Fields of a chat request that only some servers know, such as vLLM's
/// `chat_template_kwargs` and `mm_processor_kwargs` (`--extra-body`).
public struct ExtraBody: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The object as compact JSON with sorted keys: equal for equal fields.
  public let json: String
  /// The fields with their values as JSON, sorted by name.
  let fields: [(name: String, value: String)]

  public var description: String { json }

  /// Reads `--extra-body`: a file, or the object itself if the text begins with `{`. Nil for
  /// an object without fields.
  ///
  /// - Throws: `DescriptionError.badExtraBody`; `RecordError.cannotRead`.
  public static func read(_ text: String) throws -> ExtraBody? {
    if text.trimmingCharacters(in: .whitespacesAndNewlines).hasPrefix("{") {
      return try ExtraBody(Data(text.utf8), source: "--extra-body")
    }
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: text)) else {
      throw RecordError.cannotRead(
        path: text, reason: "--extra-body names no file that can be read, and no JSON object")
    }
    return try ExtraBody(data, source: text)
  }

  /// - Parameter source: names the text in an error.
  /// - Throws: `DescriptionError.badExtraBody`.
  public init?(_ data: Data, source: String) throws {
    func refuse(_ reason: String) -> DescriptionError {
      .badExtraBody(source: source, reason: reason)
    }
    let strict: StrictJSON
    do {
      strict = try StrictJSON(parsing: data.withoutByteOrderMark)
    } catch let failure as StrictJSON.Failure {
      throw refuse("expected a JSON object, found \(failure.found)")
    }
    guard let pairs = strict.pairs else {
      throw refuse("expected a JSON object, found another value")
    }
    var seen: Set<String> = []
    for (name, _) in pairs {
      if let option = Self.ownFields[name] {
        throw refuse("the field '\(name)' is set by \(option); leave it out")
      }
      guard seen.insert(name).inserted else { throw refuse("the field '\(name)' occurs twice") }
    }
    guard !pairs.isEmpty else { return nil }
    try self.init(decoding: data)
  }

  /// The fields that every request sets itself, and what decides them.
  private static let ownFields = [
    "model": "--model", "messages": "--prompt", "stream": "--no-stream",
    "stream_options": "--no-stream", "n": "describe, which asks for one answer",
    "temperature": "--temperature", "top_p": "--top-p", "top_k": "--top-k",
    "repetition_penalty": "--repetition-penalty", "max_tokens": "--max-tokens",
    "max_completion_tokens": "--max-tokens", "seed": "--seed",
    "response_format": "the schema of --prompt",
    "extra_body":
      "clients that put its content at the top level of the request, as it belongs here",
  ]

  private init(decoding data: Data) throws {
    let members = try JSONDecoder().decode([String: JSONValue].self, from: data)
    json = String(decoding: try JSONRecord.encode(members, pretty: false), as: UTF8.self)
    fields = try members.sorted { $0.key < $1.key }.map { name, value in
      (
        String(
          String(decoding: try JSONRecord.encode(name, pretty: false), as: UTF8.self)
            .dropFirst().dropLast()),
        String(decoding: try JSONRecord.encode(value, pretty: false), as: UTF8.self)
      )
    }
  }

  public static func == (left: ExtraBody, right: ExtraBody) -> Bool { left.json == right.json }

  public func hash(into hasher: inout Hasher) { hasher.combine(json) }

  /// Written as the object itself.
  public func encode(to encoder: any Encoder) throws {
    try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)).encode(to: encoder)
  }

  public init(from decoder: any Decoder) throws {
    let value = try JSONValue(from: decoder)
    try self.init(decoding: try JSONRecord.encode(value, pretty: false))
  }
}
