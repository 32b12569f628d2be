import ArgumentParser
import CommandSupport
import Datasets
import Descriptions
import Pipeline
import Workspaces

/// What `run` asks and `plan` counts: of which videos, by which frames, of whom, and in
/// which words.
struct QuestionOptions: ParsableArguments {
  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var choice: VideoChoiceOptions
  @OptionGroup var selection: SelectionCommandOptions
  @OptionGroup var describer: DescriberOptions

  @Flag(help: "Let a video's label into its request; the prompt must show {{label}}.")
  var useLabel = false

  /// Reads the prompt, finds the servers and makes the frames' source.
  ///
  /// - Throws: `CommandError.conflicting` for a label that the prompt does not show;
  ///   `DescriptionError`, `HTTPError`, `RecordError`.
  func question(about dataset: Dataset, in workspace: Workspace) async throws -> Question {
    let resources = try self.dataset.resourceOptions.folders()
    let prompt = try PromptTemplate.load(describer.prompt, from: resources)
    guard !useLabel || prompt.showsLabel else {
      throw CommandError.conflicting(
        options: "--use-label and the prompt '\(prompt.name)'",
        remedy: "take one that shows {{label}}, such as --prompt describe-with-label")
    }
    let describer = try await describer.connect(resources: resources, prompt: prompt)
    let scorers = try selection.relevance.scorers(for: dataset, resources: resources)
    return Question(
      prompt: prompt, describer: describer, scorers: scorers,
      source: KeyEventFrameSource(
        workspace: workspace, options: selection.options,
        scorer: { try scorers.scorer(for: $0) }))
  }

  /// What every request has in common.
  struct Question {
    let prompt: PromptTemplate
    let describer: any Describer
    let scorers: DatasetScorers
    let source: KeyEventFrameSource
  }
}
