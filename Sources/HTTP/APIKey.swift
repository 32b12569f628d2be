import Foundation

/// A server's key: it can be sent, but not printed by accident.
public struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let secret: String

  /// A key from a text, without white space around it. Errors name `source` as its
  /// origin.
  ///
  /// - Throws: `HTTPError.unusableKey` where the text is empty or has characters that a
  ///   header field cannot contain.
  public init(_ text: String, source: String) throws {
    secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !secret.isEmpty else {
      throw HTTPError.unusableKey(source: source, reason: "it is empty")
    }
    guard secret.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw HTTPError.unusableKey(
        source: source, reason: "it contains white space or non-ASCII characters")
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

  /// The length from which a key does not occur in an answer by chance. Servers without
  /// keys get ordinary words as keys ("EMPTY", "none"), which an answer may contain.
  private static let shortestSecret = 12

  /// Removes the key from an answer: everywhere, except that a key that may be an ordinary
  /// word is removed from a good answer (status 200) only after `Bearer`.
  func filter(forStatus status: Int) -> SecretFilter {
    let isPlain = status != 200 || secret.count >= Self.shortestSecret
    return SecretFilter(isPlain ? secret : header.value)
  }

  public var description: String { "(API key)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Removes a secret from an answer's bytes as they arrive, in any pieces.
struct SecretFilter {
  /// The replacement of the secret.
  static let mark = Data("(API key)".utf8)

  private let spellings: [Data]
  private var held = Data()

  /// - Parameter secret: at least one character. It is found literally and as JSON writes it.
  init(_ secret: String) {
    let escaped = secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    spellings = Set([secret, escaped, escaped.replacing("/", with: "\\/")])
      .map { Data($0.utf8) }
  }

  /// The bytes that can be passed on after another piece: all except an end that may be the
  /// beginning of the secret.
  mutating func feed(_ piece: Data) -> Data {
    held.append(piece)
    var passed = Data()
    var place = held.startIndex
    while let found = firstSpelling(from: place) {
      passed.append(held[place..<found.lowerBound])
      passed.append(Self.mark)
      place = found.upperBound
    }
    let end = held.endIndex - beginningCount(in: held[place...])
    passed.append(held[place..<end])
    held = Data(held[end...])
    return passed
  }

  /// The bytes held back, at the end of the answer.
  mutating func finish() -> Data {
    defer { held = Data() }
    return held
  }

  private func firstSpelling(from place: Int) -> Range<Int>? {
    spellings.compactMap { held.range(of: $0, in: place..<held.endIndex) }
      .min { $0.lowerBound < $1.lowerBound }
  }

  /// How many bytes at the end may be the beginning of the secret.
  private func beginningCount(in rest: Data) -> Int {
    spellings.map { spelling in
      (1..<spelling.count).last { rest.suffix($0) == spelling.prefix($0) } ?? 0
    }.max() ?? 0
  }
}
