import Datasets
import Foundation
import Records

/// How a class becomes prompts: lines of `Prompts/class-prompts.txt` such as
/// `a video of {label}`, each filled with each of the class's own words. Lines
/// without a place for them are neutral: they say nothing of what is shown.
public struct ClassPromptTemplates: Sendable, Equatable {
  public static let placeholder = "{label}"

  /// The templates, each with the placeholder in it.
  public let templates: [String]
  /// The lines without it.
  public let neutral: [String]

  /// - Throws: `RecordError.wrongFormat` where no line has the placeholder, or one
  ///   has another.
  public init(templates lines: [String], name: String = "class prompts") throws {
    if let bad = lines.first(where: { $0.contains("{") && !$0.contains(Self.placeholder) }) {
      throw RecordError.wrongFormat(
        path: name, found: "the template '\(bad)'", expected: "{label} in it")
    }
    templates = lines.filter { $0.contains(Self.placeholder) }
    neutral = lines.filter { !$0.contains(Self.placeholder) }
    guard !templates.isEmpty else {
      throw RecordError.wrongFormat(
        path: name, found: "no template", expected: "lines such as 'a video of {label}'")
    }
  }

  /// Reads a file of one template a line; empty lines and lines that begin with
  /// `#` are left out.
  public init(contentsOf url: URL) throws {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw RecordError.cannotRead(path: url.path, reason: "no such file, or not UTF-8 text")
    }
    try self.init(
      templates: text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty && !$0.hasPrefix("#") },
      name: url.path)
  }

  /// The project's own templates.
  public static func standard(in resources: ResourceFolders) throws -> ClassPromptTemplates {
    try ClassPromptTemplates(
      contentsOf: resources.prompts.appendingPathComponent("class-prompts.txt"))
  }

  /// Every template with every one of the class's words.
  public func prompts(for descriptor: ClassDescriptor) -> [String] {
    descriptor.prompts.flatMap { words in
      templates.map { $0.replacingOccurrences(of: Self.placeholder, with: words) }
    }
  }
}
