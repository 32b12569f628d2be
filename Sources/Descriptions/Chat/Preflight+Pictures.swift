import Foundation

/// A picture's size in pixels, before it is resized for a model.
public struct PictureSize: Sendable, Hashable {
  public let width: Int
  public let height: Int

  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}

/// Finds a server that resizes the pictures of the run: it counts other tokens for them than
/// the model's rule does.
extension Preflight {
  /// The pictures whose cost is compared: the smallest and the largest of the run as they are
  /// sent, a small one and a tall one.
  private var compared: [FrameCost] {
    let sent = sizes.compactMap { budget.cost(width: $0.width, height: $0.height) }
      .sorted { $0.tokens < $1.tokens }
    let others = [(320, 240), (200, 400)].compactMap { budget.cost(width: $0.0, height: $0.1) }
    var chosen: [FrameCost] = []
    for cost in [sent.first, sent.last].compactMap({ $0 }) + others where !chosen.contains(cost) {
      chosen.append(cost)
    }
    return chosen
  }

  /// A picture with another cost than the rule's.
  private struct Difference {
    let cost: FrameCost
    /// The tokens that the server counts, markers included.
    let counted: Int

    var words: String {
      let factor = Double(counted) / Double(cost.tokens)
      return "a picture of \(cost.width)x\(cost.height) costs \(counted) tokens, predicted "
        + "\(cost.tokens) (\(String(format: "%.1f", factor)) times)"
    }
  }

  /// The warning about a server that enlarges or reduces pictures of the run's sizes; nil if
  /// it counts them by the rule. One request asks about all sizes, or two if the run sends one
  /// frame per request; only a difference costs one more per size.
  ///
  /// - Parameter text: the cost of the prompt's text.
  func resizing(_ text: MeasuredTextTokens) async throws -> String? {
    let sizes = compared
    let group = max(1, min(frames, sizes.count))
    var differences: [Difference] = []
    for start in stride(from: 0, to: sizes.count, by: group).prefix(2) {
      let together = Array(sizes[start..<min(start + group, sizes.count)])
      guard let counted = try await pictureTokens(of: together, text) else { return nil }
      guard differs(together, counted) else { continue }
      for cost in together {
        let one =
          together.count == 1 ? counted : try await pictureTokens(of: [cost], text) ?? cost.tokens
        if differs([cost], one) { differences.append(Difference(cost: cost, counted: one)) }
      }
    }
    guard !differences.isEmpty else { return nil }
    return "\(endpoint): the server resizes pictures: "
      + differences.map(\.words).joined(separator: "; ") + "; \(budget.resizingRemedy)"
  }

  /// The warning about pictures whose cost follows no rule, with their measured cost.
  ///
  /// - Parameters:
  ///   - one: the prompt tokens of the request with the small picture.
  ///   - larger: those of the request with the wide picture.
  func unknownRule(one: Int, larger: Int) async throws -> String {
    var warning =
      "\(endpoint): an image twice as wide adds \(larger - one) tokens, which matches no known "
      + "rule; dropped or resized images will not be noticed"
    guard let bare = try await ask([], of: 1).promptTokens else { return warning }
    let measured = [(Self.smallSide, one), (Self.wideSide, larger)].compactMap { width, tokens in
      family.budget().cost(width: width, height: Self.smallSide).map {
        Difference(cost: $0, counted: tokens - bare)
      }
    }
    warning += "; " + measured.map(\.words).joined(separator: "; ")
    return warning + "; if the model is one of Qwen's, \(budget.resizingRemedy)"
  }

  /// Whether the count of pictures' tokens is not the rule's: by more than the text's cost
  /// may be off, two tokens per picture, and by more than 2%.
  private func differs(_ costs: [FrameCost], _ counted: Int) -> Bool {
    let expected = costs.reduce(0) { $0 + $1.tokens }
    return abs(counted - expected) > 2 * costs.count + expected / 50
  }

  /// The tokens of a request's pictures, markers included; nil if the server does not count.
  private func pictureTokens(of costs: [FrameCost], _ text: MeasuredTextTokens) async throws -> Int?
  {
    let probe = try await ask(
      costs.map { try Self.picture(width: $0.width, height: $0.height) }, of: costs.count)
    return probe.promptTokens.map {
      $0 - text.textTokens(of: probe.body.words, frames: costs.count)
    }
  }
}

extension QwenImageBudget {
  /// What helps against a server that resizes pictures sent by this rule.
  var resizingRemedy: String {
    "give the server the limits by which the pictures are sent: --extra-body "
      + "'{\"mm_processor_kwargs\": {\"min_pixels\": \(minimumPixels), "
      + "\"max_pixels\": \(maximumPixels)}}' (vLLM; at its start --mm-processor-kwargs), "
      + "--mm-process-config (SGLang), or --image-min-tokens and --image-max-tokens (llama.cpp)"
  }
}
