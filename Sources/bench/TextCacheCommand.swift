import ArgumentParser
import DescriptionFeatures
import Encoders
import Foundation
import Records
import Tensors
import Workspaces

/// Opening a large cache of text features, and reading it in random order.
struct TextCacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text-cache",
    abstract: "Fills a cache of made-up vectors once; then seconds to open it and to read it.")

  @Option(help: "The workspace, kept between runs.")
  var workspace: String

  @Option(help: "Vectors.")
  var vectors: Int = 1_000_000

  @Option(help: "Their width.")
  var width: Int = 512

  @Option(help: "How many are read, in random order.")
  var reads: Int = 10_000

  @Option(help: "Also writes as many .npy files, for a peer to read.")
  var files: String?

  /// Vectors that follow from the text's number: nothing but storage is measured.
  private struct Numbers: TextEncoder {
    let identity: EncoderIdentity
    let maximumTokens: Int? = nil
    func tokenCount(of text: String) -> Int { 1 }
    func encodeTexts(_ texts: [String]) -> Tensor<Float> {
      Tensor(
        shape: [texts.count, identity.dimension],
        scalars: texts.flatMap { text in
          var generator = SeededGenerator(seed: UInt64(text) ?? 0)
          return (0..<identity.dimension).map { _ in
            Float(Int64(truncatingIfNeeded: generator.next()) >> 40)
          }
        })
    }
  }

  func run() throws {
    let root = URL(fileURLWithPath: workspace)
    let encoder = Numbers(
      identity: EncoderIdentity(kind: "bench", model: "numbers", dimension: width))
    let recipe = TextFeatureRecipe(encoder: encoder)
    let space = try Workspace.create(at: root, dataset: "bench", root: nil)
    try fill(
      TextFeatureCache(workspace: space, ledger: space.openLedger(), recipe: recipe), encoder)

    let opening = try Timings(repeats: 5) {
      let space = try Workspace.open(at: root)
      let ledger = try space.openLedger()
      let cache = try TextFeatureCache.find(key: recipe.key, workspace: space, ledger: ledger)
      let reader = try cache.reader()
      _ = try reader.vector(shard: reader.shardIDs[0], row: 0)
      try ledger.close()
    }
    print(
      String(
        format: "text-cache %d x %d: opened in median %.2f ms, least %.2f ms", vectors, width,
        opening.median * 1000, opening.least * 1000))
    try read(TextFeatureCache(workspace: space, ledger: space.openLedger(), recipe: recipe))
  }

  private func fill(_ cache: TextFeatureCache, _ encoder: Numbers) throws {
    guard try cache.statistics().vectors < vectors else { return }
    for start in stride(from: 0, to: vectors, by: 65_536) {
      let owned = (start..<min(start + 65_536, vectors)).map {
        TextsToEmbed(owner: "v\($0)", items: [.init(level: .whole, text: "\($0)")])
      }
      _ = try cache.add(owned, encoder: encoder)
    }
  }

  private func read(_ cache: TextFeatureCache) throws {
    let reader = try cache.reader()
    var generator = SeededGenerator(seed: 3)
    let places = try (0..<reads).map { _ in
      let shard = reader.shardIDs.randomElement(using: &generator) ?? 0
      return (
        shard: shard,
        row: Int.random(in: 0..<(try reader.shard(shard).vectors.rowCount), using: &generator)
      )
    }
    if let files {
      let folder = URL(fileURLWithPath: files)
      for (number, place) in places.enumerated() {
        try Npy.write(
          Tensor(
            shape: [1, width], scalars: try reader.vector(shard: place.shard, row: place.row)),
          to: folder.appendingPathComponent("\(number).npy"))
      }
    }
    var sum: Float = 0
    let order = places.shuffled(using: &generator)
    let reading = try Timings(repeats: 5) {
      for place in order { sum += try reader.vector(shard: place.shard, row: place.row)[7] }
    }
    print(
      String(
        format: "text-cache reads %d in random order: median %.4f s, %.2f us each (sum %.3f)",
        reads, reading.median, reading.median / Double(reads) * 1e6, sum))
  }
}
