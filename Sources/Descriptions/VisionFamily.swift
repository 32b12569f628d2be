/// How a family of models sees images: the constants behind its image tokens.
public struct VisionFamily: Codable, Sendable, Hashable {
  /// As in the models' names.
  public let name: String
  /// A token covers `factor` x `factor` pixels: patch size times spatial merge.
  public let factor: Int
  /// Between these the model's own processor leaves an image as it is.
  public let minimumPixels: Int
  public let maximumPixels: Int

  /// Sources: the processors' configurations (`preprocessor_config.json`) of
  /// Qwen2-VL, Qwen2.5-VL and Qwen3-VL.
  public static let all = [
    VisionFamily(name: "qwen2-vl", factor: 28, minimumPixels: 3_136, maximumPixels: 12_845_056),
    VisionFamily(name: "qwen2.5-vl", factor: 28, minimumPixels: 3_136, maximumPixels: 12_845_056),
    VisionFamily(name: "qwen3-vl", factor: 32, minimumPixels: 65_536, maximumPixels: 16_777_216),
  ]

  /// The family of a model that does not tell.
  public static let fallback = all[1]

  /// The family that a model's name tells, such as `Qwen/Qwen2.5-VL-7B-Instruct`.
  public static func of(model: String) -> VisionFamily? {
    let name = model.lowercased()
    return all.first { name.contains($0.name) }
  }

  /// The family with this name.
  public static func named(_ name: String) -> VisionFamily? {
    all.first { $0.name == name.lowercased() }
  }

  /// The rule by which frames are sent to models of the family: at most 1,280 tokens
  /// an image, or `maximumPixels`, within the model's own limits.
  public func budget(maximumPixels: Int? = nil) -> QwenImageBudget {
    QwenImageBudget(
      factor: factor, minimumPixels: minimumPixels,
      maximumPixels: max(
        minimumPixels, min(self.maximumPixels, maximumPixels ?? 1280 * factor * factor)))
  }
}
