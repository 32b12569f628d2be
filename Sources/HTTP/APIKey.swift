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

  /// The shortest text that no answer says by chance. Servers without keys are given
  /// words for one ("EMPTY", "none"), which a good answer may well hold.
  private static let shortestSecret = 12

  /// What takes the key out of an answer: wherever it stands; where the key may be an
  /// ordinary word and the answer is a good one, only behind its `Bearer`.
  func filter(forStatus status: Int) -> SecretFilter {
    let isPlain = status != 200 || secret.count >= Self.shortestSecret
    return SecretFilter(isPlain ? secret : header.value)
  }

  public var description: String { "(API key)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
