/// How a model is asked to choose its words. Every field is sent, because
/// servers fill gaps from a model's own defaults (Qwen2.5-VL's repetition penalty
/// of 1.05, for one).
public struct SamplingParameters: Codable, Sendable, Hashable {
  /// 0 takes the likeliest word each time.
  public var temperature: Double
  public var topP: Double
  /// -1 for no limit.
  public var topK: Int
  /// 1 for none.
  public var repetitionPenalty: Double
  /// The most tokens of an answer.
  public var maximumTokens: Int
  public var seed: Int

  public init(
    temperature: Double = 0, topP: Double = 1, topK: Int = -1, repetitionPenalty: Double = 1,
    maximumTokens: Int = 160, seed: Int = 0
  ) {
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.repetitionPenalty = repetitionPenalty
    self.maximumTokens = maximumTokens
    self.seed = seed
  }

  /// The fields as a chat request names them, in the order in which they are sent.
  /// One answer is asked for (`n` is 1).
  var fields: [(name: String, value: String)] {
    [
      ("temperature", number(temperature)), ("top_p", number(topP)), ("top_k", String(topK)),
      ("repetition_penalty", number(repetitionPenalty)), ("max_tokens", String(maximumTokens)),
      ("n", "1"), ("seed", String(seed)),
    ]
  }

  /// Fields that a server may do without, in the order in which they are given up
  /// where it names none of them in its refusal.
  static let optionalFields = [["top_k", "repetition_penalty"], ["n", "seed"]]

  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
  }
}
