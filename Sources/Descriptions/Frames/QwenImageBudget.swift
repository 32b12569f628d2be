/// Qwen2.5-VL's rule for the size at which an image is seen, and what it costs.
///
/// Frames are resized by it on this side, so that the server's own resize changes
/// nothing. It follows `smart_resize` of qwen-vl-utils (f0af299).
public struct QwenImageBudget: Codable, Sendable, Hashable {
  /// A token covers `factor` x `factor` pixels: 28 for Qwen2-VL and Qwen2.5-VL, 32
  /// for Qwen3-VL.
  public var factor: Int
  /// Images of less are enlarged, of more reduced.
  public var minimumPixels: Int
  public var maximumPixels: Int

  /// Wider or higher images, as a ratio of their sides, are refused by the model.
  public static let maximumAspectRatio = 200.0
  /// The tokens around an image: its start and its end.
  public static let markerTokens = 2

  /// The model's own smallest size, and 1,280 tokens an image at most: a frame of
  /// 720p is seen as it is, and eight of any size stay under 10,300 tokens.
  public init(factor: Int = 28, minimumPixels: Int? = nil, maximumPixels: Int? = nil) {
    self.factor = factor
    self.minimumPixels = minimumPixels ?? 4 * factor * factor
    self.maximumPixels = maximumPixels ?? 1280 * factor * factor
  }

  /// The limits of the model itself: 4 to 16,384 tokens an image.
  public static let modelDefault = QwenImageBudget(maximumPixels: 16_384 * 28 * 28)

  /// The size at which an image is seen; both sides are multiples of `factor`.
  /// Nil where one side is over 200 times the other, which the model refuses.
  ///
  /// Differs from the source, which lets a side become 0 where the limit is small
  /// and the ratio large: here it is never under `factor`.
  public func size(width: Int, height: Int) -> (width: Int, height: Int)? {
    guard width > 0, height > 0,
      Double(max(width, height)) / Double(min(width, height)) <= Self.maximumAspectRatio
    else { return nil }
    let area = Double(width) * Double(height)
    let rounded = (
      side(width) { $0.rounded(.toNearestOrEven) }, side(height) { $0.rounded(.toNearestOrEven) }
    )
    if rounded.0 * rounded.1 > maximumPixels {
      let ratio = (area / Double(maximumPixels)).squareRoot()
      return (
        side(Double(width) / ratio) { $0.rounded(.down) },
        side(Double(height) / ratio) { $0.rounded(.down) }
      )
    }
    if rounded.0 * rounded.1 < minimumPixels {
      let ratio = (Double(minimumPixels) / area).squareRoot()
      return (
        side(Double(width) * ratio) { $0.rounded(.up) },
        side(Double(height) * ratio) { $0.rounded(.up) }
      )
    }
    return rounded
  }

  /// The prompt tokens of an image of a size that `size(width:height:)` gave,
  /// without the two markers.
  public func tokens(width: Int, height: Int) -> Int { (width / factor) * (height / factor) }

  /// What a frame of a size costs, markers included; nil where it cannot be shown.
  public func cost(width: Int, height: Int) -> FrameCost? {
    size(width: width, height: height).map {
      FrameCost(
        width: $0.width, height: $0.height,
        tokens: tokens(width: $0.width, height: $0.height) + Self.markerTokens)
    }
  }

  private func side(_ pixels: Int, _ rounding: (Double) -> Double) -> Int {
    side(Double(pixels), rounding)
  }

  private func side(_ pixels: Double, _ rounding: (Double) -> Double) -> Int {
    max(factor, Int(rounding(pixels / Double(factor))) * factor)
  }
}

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
