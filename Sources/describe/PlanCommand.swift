import ArgumentParser
import CommandSupport
import Records

struct PlanCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Estimates a run: requests, tokens and hours.",
    discussion: """
      The containers' headers give the videos' lengths, and the model's rule the image tokens. A \
      few small requests measure the tokens of the prompt's text, and a few whole ones in \
      parallel the server's rate. A missing workspace is created with an empty ledger; nothing \
      is stored in it.

      \(CommandExit.help)
      """)

  @OptionGroup var options: QuestionOptions

  @Option(help: ArgumentHelp("Measure the rate with this many parallel requests.", valueName: "n"))
  var measure: Int = 4

  @Flag(help: "The plan as JSON.")
  var json = false

  func validate() throws {
    guard measure >= 1 else {
      throw ValidationError("--measure must be at least 1, found \(measure)")
    }
  }

  func execute() async throws {
    let (dataset, workspace) = try options.workspace.open(options.dataset)
    let plan = try await options.stage(
      about: dataset, in: workspace, ledger: workspace.openLedger()
    ).plan(options.choice.videos(of: dataset), requestsAtOnce: measure, reporter: .console())
    if json {
      Console.result(try JSONRecord.encode(plan))
    } else {
      Console.result(plan.line)
      if let advice = plan.advice { Console.note(advice) }
    }
  }
}
