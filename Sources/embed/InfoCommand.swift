import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Foundation
import Records
import Workspaces

struct InfoCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Lists the text features: encoders, texts, lengths, bytes.",
    discussion: CommandExit.help)

  @OptionGroup var options: CacheOptions

  @Flag(help: "Everything as JSON, with the recipes.")
  var json = false

  private struct Entry: Encodable {
    let key: String
    let folder: String
    let recipe: TextFeatureRecipe
    let statistics: LedgerTextStatistics
  }

  func execute() async throws {
    let entries = try options.caches().map {
      Entry(
        key: $0.key, folder: $0.folder.path, recipe: $0.recipe, statistics: try $0.statistics())
    }
    if json { return Console.result(try JSONRecord.encode(entries)) }
    for (index, entry) in entries.enumerated() {
      if index > 0 { Console.result() }
      show(entry)
    }
  }

  private func show(_ entry: Entry) {
    let (recipe, statistics) = (entry.recipe, entry.statistics)
    func line(_ name: String, _ value: String) {
      Console.result(name.padding(toLength: 14, withPad: " ", startingAt: 0) + value)
    }
    func share(_ count: Int) -> String {
      let part = 100 * Double(count) / Double(max(1, statistics.descriptions))
      return "\(count) (\(String(format: "%.1f", part)) %)"
    }
    Console.result(entry.key)
    line("encoder", recipe.encoder.description)
    if let server = recipe.encoder.server { line("server", server.value) }
    line("weights", recipe.encoder.weightsHash ?? "unknown")
    line("tokenizer", recipe.traits.tokenizerHash ?? "none")
    line("pooling", "\(recipe.traits.pooling), \(recipe.normalization) length")
    line("long texts", recipe.longText.rawValue)
    if !recipe.prefix.isEmpty { line("prefix", "'\(recipe.prefix)'") }
    line(
      "vectors",
      "\(statistics.vectors) of \(recipe.encoder.dimension) \(recipe.elementType.rawValue), "
        + "\(statistics.unused) unused; \(statistics.shards) files, \(statistics.bytes) bytes")
    line(
      "texts",
      statistics.texts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        .joined(separator: ", "))
    if let limit = recipe.traits.maximumTokens {
      line(
        "over limit",
        "\(share(statistics.overLimit)) of \(statistics.descriptions) descriptions have more than "
          + "\(limit) tokens")
      line("cut short", share(statistics.truncated))
    }
    if let before = statistics.tokensBefore, let read = statistics.tokensRead {
      line(
        "tokens", "\(before), of which \(read) read; the longest \(statistics.longestTokens ?? 0)")
    }
  }
}
