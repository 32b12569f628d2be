import Datasets

/// What frames are compared with, as prompts for a text encoder.
///
/// A frame's relevance is its greatest cosine with a wanted prompt, less its
/// greatest cosine with an unwanted one where there are any. A class has several
/// prompts, its own words in every template; the greatest counts, not their mean,
/// so that a frame can name the prompt that pulled it. Which prompts are wanted
/// depends on what is known of the video:
/// - a free query: the query's own words, against nothing;
/// - a label (training videos): the prompts of the label's classes, against those of
///   the normal class;
/// - any anomaly (every other video, so that no layout gives a label away): the
///   prompts of all anomaly classes, against those of the normal class.
public struct RelevanceQueries: Sendable, Equatable {
  /// The prompts that raise relevance.
  public var wanted: [String]
  /// The prompts that lower it.
  public var unwanted: [String]
  /// Prompts that say nothing in particular: what a wanted prompt is measured
  /// against by `PromptGate` where there is no unwanted one.
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

  /// Free queries, taken as they are written.
  public static func free(_ queries: [String], neutral: [String] = []) -> RelevanceQueries {
    RelevanceQueries(wanted: queries, neutral: neutral)
  }

  /// The prompts of one class, by its name. A normal class has no counterpart:
  /// its own prompts alone are wanted.
  ///
  /// - Throws: `DatasetError.unknownClass`.
  public static func label(
    _ name: String, in descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) throws -> RelevanceQueries {
    try labels([name], in: descriptor, templates: templates)
  }

  /// The prompts of all of a video's classes, by their names, each once.
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
