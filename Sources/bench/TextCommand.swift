import ArgumentParser
import DescriptionFeatures
import Encoders
import Foundation
import Tensors

/// Texts a second of a text encoder, from strings to vectors.
struct TextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Texts/s of a text encoder on a file of texts, one a line.")

  @Option(help: "The model's folder: CLIP's, or a sentence encoder's.")
  var model: String

  @Option(help: "The texts.")
  var texts: String

  @Option(help: "Arithmetics of the linear layers.")
  var arithmetic: [LinearArithmetic] = [.f32]

  @Option(help: "Measurements; the median counts.")
  var repeats: Int = 3

  @Option(help: "Threads.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  @Flag(help: "Count processor seconds: for a machine that others use, with --threads 1.")
  var processorTime = false

  func run() throws {
    MatrixThreads.set(threads)
    let directory = URL(fileURLWithPath: model)
    let lines = try String(contentsOfFile: texts, encoding: .utf8).split(separator: "\n")
      .map { (owner: "line", text: String($0)) }
    let isCLIP = ModelInspection(of: directory).kind == .clip
    for arithmetic in arithmetic {
      let encoder: any TextEncoder =
        isCLIP
        ? try CLIPModel(directory: directory, arithmetic: arithmetic)
        : try BERTTextEncoder(directory: directory, arithmetic: arithmetic)
      // As the peers do it: what is too long is cut.
      let pooling = TextPooling(encoder: encoder, rule: .truncate)
      _ = try pooling.encode(Array(lines.prefix(64)))
      let encoding = try Timings(repeats: repeats, clock: processorTime ? .processor : .wall) {
        for result in try pooling.encode(lines) { _ = try result.get() }
      }
      var tokens = 0
      let counting = try Timings(repeats: 1) {
        tokens = try lines.reduce(0) { $0 + (try encoder.tokenCount(of: $1.text)) }
      }
      print(
        String(
          format:
            "ours %@ %@ threads %d: %.1f texts/s, %d texts, %.1f tokens each, tokenizer %.0f texts/s",
          encoder.identity.model, arithmetic.rawValue, threads,
          Double(lines.count) / encoding.median, lines.count,
          Double(tokens) / Double(lines.count), Double(lines.count) / counting.median))
    }
  }
}
