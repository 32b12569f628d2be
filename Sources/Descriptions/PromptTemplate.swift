import Foundation
import Mustache
import Records

/// The question for a model: a mustache template of the whole message, with placeholders for
/// the frames.
///
/// The file begins with a front matter between two lines of `---`. Required are `name:` and
/// `version:`. Optional are `schema:`, a file beside the prompt with the schema of the answer,
/// and `maximumTokens:`, the maximum length of an answer if the user does not set one. The
/// template can use `durationSeconds`, `count` and `frames`; each frame has `number`,
/// `timeSeconds` and `image`, the placeholder of the frame.
public struct PromptTemplate: Sendable {
  /// The prompt's name.
  public let name: String
  /// The prompt's version.
  public let version: String
  /// The schema of the answer; nil for plain sentences.
  public let schema: AnswerSchema?
  /// The maximum length of an answer if the user does not set one.
  public let maximumTokens: Int?
  /// SHA-256 of the file, and of the schema if there is one.
  public let hash: String
  private let template: MustacheTemplate

  /// A piece of a message, in order.
  public enum Part: Sendable, Equatable {
    /// Text, never empty.
    case text(String)
    /// The frame with this index in the request.
    case frame(Int)
  }

  /// The name of the prompt that is used by default.
  public static let defaultName = "describe"

  /// Reads `Prompts/<name>.mustache`, or the file itself if `name` is a path.
  ///
  /// - Throws: `RecordError.cannotRead`, `DescriptionError.badPrompt`.
  public static func load(_ name: String = defaultName, from resources: ResourceFolders) throws
    -> PromptTemplate
  {
    let file =
      name.contains("/") || name.hasSuffix(".mustache")
      ? URL(fileURLWithPath: name)
      : resources.prompts.appendingPathComponent("\(name).mustache")
    guard let data = try? Data(contentsOf: file) else {
      throw RecordError.cannotRead(
        path: file.path, reason: "the prompt does not exist or cannot be read")
    }
    return try PromptTemplate(source: String(decoding: data, as: UTF8.self), file: file.path)
  }

  /// A prompt from a file's content; `file` names it in errors.
  ///
  /// - Throws: `DescriptionError.badPrompt`.
  public init(source: String, file: String) throws {
    var lines = source.split(separator: "\n", omittingEmptySubsequences: false)[...]
    var fields: [String: String] = [:]
    guard lines.popFirst() == "---", let end = lines.firstIndex(of: "---") else {
      throw DescriptionError.badPrompt(
        path: file, reason: "it does not begin with a front matter between two lines of ---")
    }
    for line in lines[..<end] where !line.allSatisfy(\.isWhitespace) {
      let pair = line.split(separator: ":", maxSplits: 1).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard pair.count == 2, Self.fields.contains(pair[0]) else {
        throw DescriptionError.badPrompt(
          path: file,
          reason: "the front matter contains '\(line)', expected one of "
            + Self.fields.map { "\($0):" }.joined(separator: ", "))
      }
      fields[pair[0]] = pair[1]
    }
    guard let name = fields["name"], let version = fields["version"] else {
      throw DescriptionError.badPrompt(
        path: file, reason: "name: or version: is missing in the front matter")
    }
    self.name = name
    self.version = version
    schema = try fields["schema"].map { try Self.schema($0, beside: file, name: name) }
    maximumTokens = try fields["maximumTokens"].map { text in
      guard let count = Int(text), count > 0 else {
        throw DescriptionError.badPrompt(
          path: file, reason: "maximumTokens: is '\(text)', expected a whole number above 0")
      }
      return count
    }
    hash = ContentHash.of(Data((source + (schema?.json ?? "")).utf8))
    do {
      // A prompt is plain text: nothing is escaped as HTML.
      template = try MustacheTemplate(
        string: "{{% CONTENT_TYPE: TEXT}}"
          + lines[lines.index(after: end)...].joined(separator: "\n"))
    } catch let error as MustacheTemplate.ParserError {
      throw DescriptionError.badPrompt(
        path: file, reason: "the line '\(error.context.line)' has a mistake: \(error.error)")
    }
    let places = render(durationSeconds: 1, frameSeconds: [0, 0.5]).compactMap { part in
      if case .frame(let index) = part { index } else { nil }
    }
    guard places == [0, 1] else {
      throw DescriptionError.badPrompt(
        path: file, reason: "it must contain {{image}} exactly once within {{#frames}}")
    }
  }

  /// The message for frames at these times, in time order: texts and placeholders of frames in
  /// turn.
  ///
  /// - Parameter label: the video's label, for a prompt with `{{label}}`; usually nil.
  public func render(durationSeconds: Double, frameSeconds: [Double], label: String? = nil)
    -> [Part]
  {
    let frames: [[String: any Sendable]] = frameSeconds.enumerated().map { index, seconds in
      [
        "number": index + 1, "timeSeconds": Self.oneDecimal(seconds),
        "image": "\(Self.openMark)\(index)\(Self.closeMark)",
      ]
    }
    var object: [String: any Sendable] = [
      "durationSeconds": Self.oneDecimal(durationSeconds), "count": frames.count,
      "frames": frames,
    ]
    if let label { object["label"] = label }
    return Self.parts(of: template.render(object))
  }

  /// Whether the prompt contains the label if it is allowed.
  public var showsLabel: Bool {
    render(durationSeconds: 1, frameSeconds: [0], label: "label")
      != render(durationSeconds: 1, frameSeconds: [0])
  }

  /// A message's words without the placeholders of frames.
  static func words(of parts: [Part]) -> String {
    parts.map { part in
      if case .text(let text) = part { text } else { "" }
    }.joined()
  }

  private static let fields = ["name", "version", "schema", "maximumTokens"]

  private static func schema(_ schemaFile: String, beside file: String, name: String) throws
    -> AnswerSchema
  {
    let url = URL(fileURLWithPath: file).deletingLastPathComponent()
      .appendingPathComponent(schemaFile)
    guard let source = try? Data(contentsOf: url) else {
      throw RecordError.cannotRead(
        path: url.path, reason: "the schema does not exist or cannot be read")
    }
    do {
      return try AnswerSchema(name: name, source: source)
    } catch let error as AnswerSchema.Unusable {
      throw DescriptionError.badPrompt(path: url.path, reason: error.reason)
    }
  }

  // Private-use characters: neither prompts nor numbers contain them.
  private static let openMark: Character = "\u{E000}"
  private static let closeMark: Character = "\u{E001}"

  private static func parts(of text: String) -> [Part] {
    var parts: [Part] = []
    for piece in text.split(separator: openMark, omittingEmptySubsequences: false) {
      var words = piece
      if let close = piece.firstIndex(of: closeMark), let index = Int(piece[..<close]) {
        parts.append(.frame(index))
        words = piece[piece.index(after: close)...]
      }
      if !words.allSatisfy(\.isWhitespace) { parts.append(.text(String(words))) }
    }
    // The file's last line ends in a newline, but the message must not.
    if case .text(var last) = parts.last {
      while last.last?.isNewline == true { last.removeLast() }
      parts[parts.count - 1] = .text(last)
    }
    return parts
  }

  private static func oneDecimal(_ seconds: Double) -> String {
    String(format: "%.1f", seconds)
  }
}
