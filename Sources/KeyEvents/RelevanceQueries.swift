import Datasets
import Foundation
import Records

/// What frames are compared with, as prompts for a text encoder.
///
/// A frame's relevance is its greatest cosine with a wanted prompt, less its
/// greatest cosine with an unwanted one where there are any. Which prompts are
/// wanted depends on what is known of the video:
/// - a free query: the query's own words;
/// - a label (training videos): the prompts of the label's class, against normality;
/// - any anomaly (every other video, so that no layout gives a label away): the
///   prompts of all anomaly classes, against normality.
public struct RelevanceQueries: Sendable, Equatable {
  /// The prompts that raise relevance.
  public var wanted: [String]
  /// The prompts that lower it.
  public var unwanted: [String]

  public init(wanted: [String], unwanted: [String] = []) {
    self.wanted = wanted
    self.unwanted = unwanted
  }

  /// Free queries, taken as they are written.
  public static func free(_ queries: [String]) -> RelevanceQueries {
    RelevanceQueries(wanted: queries)
  }

  /// The prompts of one class, by its name. A normal class has no counterpart:
  /// its own prompts alone are wanted.
  ///
  /// - Throws: `DatasetError.unknownClass`.
  public static func label(
    _ name: String, in descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) throws -> RelevanceQueries {
    let found = try descriptor.classDescriptor(named: name)
    return RelevanceQueries(
      wanted: templates.prompts(for: found),
      unwanted: found.normal ? [] : normality(of: descriptor, templates: templates))
  }

  /// The prompts of every anomaly class of a data set.
  public static func anyAnomaly(
    in descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) -> RelevanceQueries {
    RelevanceQueries(
      wanted: descriptor.anomalyClasses.flatMap { templates.prompts(for: $0) },
      unwanted: normality(of: descriptor, templates: templates))
  }

  private static func normality(
    of descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) -> [String] {
    descriptor.normalClass.map { templates.prompts(for: $0) } ?? []
  }
}

/// How a class becomes prompts: lines of `Prompts/class-prompts.txt` such as
/// `a video of {label}`, each filled with each of the class's own words.
public struct ClassPromptTemplates: Sendable, Equatable {
  public static let placeholder = "{label}"

  /// The templates, each with the placeholder in it.
  public let templates: [String]

  /// - Throws: `RecordError.wrongFormat` for a template without placeholder.
  public init(templates: [String], name: String = "class prompts") throws {
    guard let first = templates.first else {
      throw RecordError.wrongFormat(
        path: name, found: "no template", expected: "lines such as 'a video of {label}'")
    }
    if let bad = templates.first(where: { !$0.contains(Self.placeholder) }) {
      throw RecordError.wrongFormat(
        path: name, found: "the template '\(bad)'", expected: "{label} in it, as in '\(first)'")
    }
    self.templates = templates
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
