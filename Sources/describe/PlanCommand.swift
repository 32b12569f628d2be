import ArgumentParser
import CommandSupport
import Records

struct PlanCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "What a run would ask: requests, tokens and hours.",
    discussion: """
      Videos are measured by their containers' headers, image tokens by the model's rule. The \
      server is asked a few small questions about what the prompt's text costs, and a few whole \
      ones, at once, for its rate. The workspace is made where there is none, with an empty \
      ledger; nothing is stored in it.

      \(CommandExit.help)
      """)

  @OptionGroup var options: QuestionOptions

  @Option(help: ArgumentHelp("Measure the rate with so many requests at once.", valueName: "n"))
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
    ).plan(options.choice.videos(of: dataset), requestsAtOnce: measure)
    if json {
      Console.result(try JSONRecord.encode(plan))
    } else {
      Console.result(plan.line)
      if let advice = plan.advice { Console.note(advice) }
    }
  }
}
