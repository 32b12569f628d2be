import Datasets
import Foundation
import Records

/// The prompts with which a CLIP scorer compares frames.
///
/// A frame's relevance is its greatest cosine with a wanted prompt, less its greatest
/// cosine with an unwanted prompt, if there are unwanted prompts. A class has several
/// prompts: its own words in every template. The greatest cosine counts, not the mean, so
/// that a frame can name its prompt. The wanted prompts depend on what is known about the
/// video:
/// - a free query: the query's own words, without unwanted prompts;
/// - a label (training videos): the prompts of the label's classes, against those of
///   the normal class;
/// - any anomaly (every other video, so that no folder layout reveals a label): the
///   prompts of all anomaly classes, against those of the normal class.
public struct RelevanceQueries: Sendable, Equatable {
  /// The prompts that raise relevance.
  public var wanted: [String]
  /// The prompts that lower it.
  public var unwanted: [String]
  /// Prompts without specific content. `PromptGate` compares a wanted prompt with them
  /// if there are no unwanted prompts.
  public var neutral: [String]

  public init(wanted: [String], unwanted: [String] = [], neutral: [String] = []) {
    self.wanted = wanted
    self.unwanted = unwanted
    self.neutral = neutral
  }

  /// The three definitions in words, for help.
  public static let definition =
    "Relevance with CLIP is the greatest cosine of a frame with a wanted prompt, less the greatest "
    + "with an unwanted one. --query: its words, against nothing. --label, and training videos "
    + "whose label is known: the class's words in every template of Prompts/class-prompts.txt, "
    + "against those of the normal class. Every other video: the words of all anomaly classes "
    + "likewise, so that no layout gives a label away."

  /// Free queries, as the user wrote them.
  public static func free(_ queries: [String], neutral: [String] = []) -> RelevanceQueries {
    RelevanceQueries(wanted: queries, neutral: neutral)
  }

  /// The prompts of one class, by its name. A normal class has no unwanted prompts.
  ///
  /// - Throws: `DatasetError.unknownClass`.
  public static func label(
    _ name: String, in descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) throws -> RelevanceQueries {
    try labels([name], in: descriptor, templates: templates)
  }

  /// The prompts of all classes of a video, by their names, each class once.
  ///
  /// - Throws: `DatasetError.unknownClass`.
  public static func labels(
    _ names: [String], in descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) throws -> RelevanceQueries {
    let classes = try names.map { try descriptor.classDescriptor(named: $0) }
    let isNormal = classes.contains(where: \.normal)
    return RelevanceQueries(
      wanted: classes.flatMap { templates.prompts(for: $0) },
      unwanted: isNormal ? [] : normality(of: descriptor, templates: templates),
      neutral: templates.neutral)
  }

  /// The prompts of every anomaly class of a data set.
  public static func anyAnomaly(
    in descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) -> RelevanceQueries {
    RelevanceQueries(
      wanted: descriptor.anomalyClasses.flatMap { templates.prompts(for: $0) },
      unwanted: normality(of: descriptor, templates: templates), neutral: templates.neutral)
  }

  private static func normality(
    of descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) -> [String] {
    descriptor.normalClass.map { templates.prompts(for: $0) } ?? []
  }
}

/// Turns a class into prompts: every line of `Prompts/class-prompts.txt`, such as
/// `a video of {label}`, is filled with each of the class's own words. Lines without the
/// placeholder are neutral: they do not describe the content.
public struct ClassPromptTemplates: Sendable, Equatable {
  public static let placeholder = "{label}"

  /// The templates, each with the placeholder in it.
  public let templates: [String]
  /// The lines without the placeholder.
  public let neutral: [String]

  /// - Throws: `RecordError.wrongFormat` if no line has the placeholder, or if a line has
  ///   a different one.
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

  /// Reads a file with one template per line. Empty lines and lines that begin with `#`
  /// are ignored.
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
