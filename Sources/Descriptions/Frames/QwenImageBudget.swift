/// Qwen2.5-VL's rule for the size to which it resizes an image and for the image's cost in
/// tokens.
///
/// Frames are resized by this rule before they are sent, so that the server's own resize
/// changes nothing. The rule follows `smart_resize` of qwen-vl-utils (f0af299).
public struct QwenImageBudget: Codable, Sendable, Hashable {
  /// A token covers `factor` x `factor` pixels: 28 for Qwen2-VL and Qwen2.5-VL, 32
  /// for Qwen3-VL.
  public var factor: Int
  /// Images with fewer pixels are enlarged, images with more are reduced.
  public var minimumPixels: Int
  public var maximumPixels: Int

  /// The model refuses images whose sides differ by more than this ratio.
  public static let maximumAspectRatio = 200.0
  /// The two tokens that mark an image's start and end.
  public static let markerTokens = 2

  /// By default the model's own smallest size, and at most 1,280 tokens per image: a 720p
  /// frame is not reduced, and eight frames of any size cost under 10,300 tokens.
  public init(factor: Int = 28, minimumPixels: Int? = nil, maximumPixels: Int? = nil) {
    self.factor = factor
    self.minimumPixels = minimumPixels ?? 4 * factor * factor
    self.maximumPixels = maximumPixels ?? 1280 * factor * factor
  }

  /// The limits of the model itself: 4 to 16,384 tokens per image.
  public static let modelDefault = QwenImageBudget(maximumPixels: 16_384 * 28 * 28)

  /// The size to which an image is resized; both sides are multiples of `factor`.
  /// Nil if one side is over 200 times the other, which the model refuses.
  ///
  /// Differs from the source, which lets a side become 0 if the limit is small and the
  /// ratio large: here a side is never under `factor`.
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

  /// The prompt tokens of an image of a size that `size(width:height:)` returned, without
  /// the two markers.
  public func tokens(width: Int, height: Int) -> Int { (width / factor) * (height / factor) }

  /// The cost of a frame of this size, markers included; nil if the model refuses it.
  public func cost(width: Int, height: Int) -> FrameCost? {
    size(width: width, height: height).map {
      FrameCost(
        width: $0.width, height: $0.height,
        tokens: tokens(width: $0.width, height: $0.height) + Self.markerTokens)
    }
  }

  /// The cost of a frame of this size, markers included.
  ///
  /// - Throws: `DescriptionError.unusableFrame` if the model refuses the size.
  func checkedCost(width: Int, height: Int) throws -> FrameCost {
    guard let cost = cost(width: width, height: height) else {
      throw DescriptionError.unusableFrame(
        video: "\(width)x\(height)",
        reason: "one side is over \(Int(Self.maximumAspectRatio)) times the other")
    }
    return cost
  }

  private func side(_ pixels: Int, _ rounding: (Double) -> Double) -> Int {
    side(Double(pixels), rounding)
  }

  private func side(_ pixels: Double, _ rounding: (Double) -> Double) -> Int {
    max(factor, Int(rounding(pixels / Double(factor))) * factor)
  }
}

/// The constants by which a family of models resizes images and counts their tokens.
public struct VisionFamily: Codable, Sendable, Hashable {
  /// The name as the models' names contain it.
  public let name: String
  /// A token covers `factor` x `factor` pixels: patch size times spatial merge.
  public let factor: Int
  /// The model's own processor leaves an image between these sizes as it is.
  public let minimumPixels: Int
  public let maximumPixels: Int

  /// Sources: the processors' configurations (`preprocessor_config.json`) of
  /// Qwen2-VL, Qwen2.5-VL and Qwen3-VL.
  public static let all = [
    VisionFamily(name: "qwen2-vl", factor: 28, minimumPixels: 3_136, maximumPixels: 12_845_056),
    VisionFamily(name: "qwen2.5-vl", factor: 28, minimumPixels: 3_136, maximumPixels: 12_845_056),
    VisionFamily(name: "qwen3-vl", factor: 32, minimumPixels: 65_536, maximumPixels: 16_777_216),
  ]

  /// The family that is assumed if a model's name does not contain one.
  public static let fallback = all[1]

  /// The family that a model's name contains, such as `Qwen/Qwen2.5-VL-7B-Instruct`.
  public static func of(model: String) -> VisionFamily? {
    let name = model.lowercased()
    return all.first { name.contains($0.name) }
  }

  /// The family with this name.
  public static func named(_ name: String) -> VisionFamily? {
    all.first { $0.name == name.lowercased() }
  }

  /// The rule by which frames are sent to models of the family: at most 1,280 tokens per
  /// image, or `maximumPixels`, within the model's own limits.
  public func budget(maximumPixels: Int? = nil) -> QwenImageBudget {
    QwenImageBudget(
      factor: factor, minimumPixels: minimumPixels,
      maximumPixels: max(
        minimumPixels, min(self.maximumPixels, maximumPixels ?? 1280 * factor * factor)))
  }
}

/// The size at which a frame is sent to a model, and its cost.
public struct FrameCost: Codable, Sendable, Equatable {
  /// Pixels.
  public let width: Int
  public let height: Int
  /// Prompt tokens, markers included.
  public let tokens: Int

  public init(width: Int, height: Int, tokens: Int) {
    self.width = width
    self.height = height
    self.tokens = tokens
  }
}
