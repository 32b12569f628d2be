import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Foundation
import Pipeline
import Records
import Tensors

struct NeighboursCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbours",
    abstract: "Lists the descriptions nearest to a text.",
    discussion: """
      The encoder must be that of the features: give the same options as for embed.

      \(CommandExit.help)
      """)

  @Argument(help: "The text.")
  var query: String

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var text: TextOptions

  @Option(
    help: ArgumentHelp(
      "Which text features, if there are several of one encoder.", valueName: "key"))
  var key: String?

  @Option(help: ArgumentHelp("The number of descriptions.", valueName: "n"))
  var count: Int = 10

  @Option(help: "Which texts.")
  var level: TextLevel = .whole

  @Flag(help: "The neighbours as JSON.")
  var json = false

  func validate() throws {
    guard query.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("the text is empty")
    }
    guard count >= 1 else { throw ValidationError("--count must be at least 1, found \(count)") }
  }

  func execute() async throws {
    let workspace = try workspace.open()
    let ledger = try workspace.openLedger()
    MatrixThreads.set(Parallel.cores)
    let encoder = try text.textEncoder()
    let cache = try TextFeatureCache.find(
      key: key, of: encoder, workspace: workspace, ledger: ledger)
    let vector = try TextPooling(
      encoder: encoder, rule: cache.recipe.longText, prefix: cache.recipe.prefix
    ).vector(of: query, owner: "the text")
    let found = try TextNeighbours(cache).nearest(to: vector, count: count, level: level)
    if json { return Console.result(try JSONRecord.encode(found)) }
    for item in found {
      let owners = item.owners.prefix(3).joined(separator: ", ")
      let more = item.owners.count > 3 ? " and \(item.owners.count - 3) more" : ""
      Console.result("\(String(format: "%.4f", item.similarity))  \(owners)\(more)")
      Console.result(
        "        \(item.text.split(whereSeparator: \.isNewline).joined(separator: " "))")
    }
  }
}
