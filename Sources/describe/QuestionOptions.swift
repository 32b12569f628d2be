import ArgumentParser
import CommandSupport
import Datasets
import Descriptions
import Pipeline
import Workspaces

/// The videos, frames, describer and prompt of `run` and `plan`.
struct QuestionOptions: ParsableArguments {
  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var choice: VideoChoiceOptions
  @OptionGroup var selection: SelectionCommandOptions
  @OptionGroup var describer: DescriberOptions

  @Flag(help: "Include a video's label in its request; the prompt must contain {{label}}.")
  var useLabel = false

  /// Reads the prompt, connects to the servers and makes the stage.
  ///
  /// - Parameter configure: sets the options that only one command has.
  /// - Throws: `PipelineError.conflicting` for a label with a prompt that does not show it;
  ///   `DescriptionError`, `HTTPError`, `RecordError`.
  func stage(
    about dataset: Dataset, in workspace: Workspace, ledger: Ledger,
    configure: (inout DescriptionStage.Options) -> Void = { _ in }
  ) async throws -> DescriptionStage {
    let resources = try self.dataset.resourceOptions.folders()
    let prompt = try PromptTemplate.load(describer.prompt, from: resources)
    try DescriptionStage.check(prompt, usesLabel: useLabel)
    let source = try describer.source()
    let describer = try await source.connect(
      resources: resources, prompt: prompt, reporter: .console())
    var stage = DescriptionStage.Options(selection: selection.options)
    stage.usesLabel = useLabel
    stage.segmentSeconds = choice.segment
    stage.jobs = source.jobs(for: describer)
    configure(&stage)
    return DescriptionStage(
      workspace: workspace, ledger: ledger, describer: describer, prompt: prompt,
      scorers: try selection.relevance.scorers(for: dataset, resources: resources),
      options: stage)
  }
}
