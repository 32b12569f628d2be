import ArgumentParser
import Descriptions

/// How a model samples words, and the size of its frames. Every request contains every field.
package struct SamplingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The longest answer, in tokens. (default: the prompt's limit, else "
        + "\(SamplingParameters().maximumTokens))", valueName: "n"))
  package var maxTokens: Int?

  @Option(help: ArgumentHelp("0 always takes the most likely word.", valueName: "t"))
  package var temperature: Double = SamplingParameters().temperature

  @Option(
    help: ArgumentHelp("Only the most likely words with this total probability.", valueName: "p"))
  package var topP: Double = SamplingParameters().topP

  @Option(
    help: ArgumentHelp("Only this many of the most likely words; -1 for all.", valueName: "k"))
  package var topK: Int = SamplingParameters().topK

  @Option(
    help: ArgumentHelp("Above 1, words that were used before are less likely.", valueName: "f"))
  package var repetitionPenalty: Double = SamplingParameters().repetitionPenalty

  @Option(help: ArgumentHelp("The seed of the sampling.", valueName: "n"))
  package var seed: Int = SamplingParameters().seed

  @Option(
    help: ArgumentHelp(
      "The most pixels of a frame as it is sent. (default: those of 1280 tokens)",
      valueName: "n"))
  package var maxPixels: Int?

  @Option(
    help: ArgumentHelp(
      "How the model sees images: qwen2-vl, qwen2.5-vl or qwen3-vl. (default: by its name)",
      valueName: "name"))
  package var visionFamily: String?

  package init() {}

  package func validate() throws {
    if let maxTokens, maxTokens < 1 {
      throw ValidationError("--max-tokens must be at least 1, found \(maxTokens)")
    }
    guard (0...2).contains(temperature) else {
      throw ValidationError("--temperature must be 0 to 2, found \(temperature)")
    }
    guard topP > 0, topP <= 1 else {
      throw ValidationError("--top-p must be above 0 and at most 1, found \(topP)")
    }
    guard topK == -1 || topK >= 1 else {
      throw ValidationError("--top-k must be -1 or at least 1, found \(topK)")
    }
    guard repetitionPenalty > 0, repetitionPenalty <= 2 else {
      throw ValidationError(
        "--repetition-penalty must be above 0 and at most 2, found \(repetitionPenalty)")
    }
    if let visionFamily, VisionFamily.named(visionFamily) == nil {
      let names = VisionFamily.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--vision-family must be one of \(names), found '\(visionFamily)'")
    }
    if let maxPixels, maxPixels < 4 * 32 * 32 {
      throw ValidationError("--max-pixels must be at least 4096, found \(maxPixels)")
    }
  }

  /// Nil if the model's name decides.
  package var family: VisionFamily? { visionFamily.flatMap(VisionFamily.named) }

  /// The parameters, without `--max-tokens`.
  package var parameters: SamplingParameters {
    SamplingParameters(
      temperature: temperature, topP: topP, topK: topK, repetitionPenalty: repetitionPenalty,
      seed: seed)
  }
}
