import Foundation

/// A server's key: it can be sent, but not printed by accident.
public struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let secret: String

  /// A key from a text, without white space around it; `source` names where it
  /// comes from in errors.
  ///
  /// - Throws: `HTTPError.unusableKey` where the text is empty or holds
  ///   what a header field cannot.
  public init(_ text: String, source: String) throws {
    secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !secret.isEmpty else {
      throw HTTPError.unusableKey(source: source, reason: "it is empty")
    }
    guard secret.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw HTTPError.unusableKey(
        source: source, reason: "it holds white space or other than ASCII characters")
    }
  }

  /// The key in a file; else in `KESS_API_KEY`, else in `OPENAI_API_KEY`; nil where
  /// none is given.
  public static func find(
    file: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> APIKey? {
    if let file {
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
        throw HTTPError.unusableKey(source: file, reason: "the file cannot be read")
      }
      return try APIKey(text, source: file)
    }
    for name in ["KESS_API_KEY", "OPENAI_API_KEY"] {
      if let text = environment[name], !text.isEmpty { return try APIKey(text, source: name) }
    }
    return nil
  }

  /// The header field that carries the key.
  public var header: (name: String, value: String) { ("Authorization", "Bearer \(secret)") }

  public var description: String { "(API key)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
