import Foundation
import Tensors
import Video

/// Turns a picture of any size into the vision tower's input, as transformers'
/// Pillow `CLIPImageProcessor` does: the shorter side resized (the longer one to
/// `int(size · long / short)`), the centre cut out (with black where the picture
/// is smaller), samples scaled and normalised.
package struct CLIPImageProcessor: Sendable {
  /// The size after resizing.
  package enum Target: Sendable, Equatable {
    case none
    case shortestEdge(Int)
    case exact(height: Int, width: Int)
  }

  package var target: Target = .shortestEdge(224)
  package var filter: ResampleFilter = .bicubic
  /// The size of the centre crop; nil for no crop.
  package var crop: (height: Int, width: Int)? = (224, 224)
  /// 1/255, or nil where samples stay from 0 to 255.
  package var rescaleFactor: Double? = 1 / 255
  /// Per channel; nil leaves the samples unchanged.
  package var mean: [Float]? = [0.481_454_66, 0.457_827_5, 0.408_210_73]
  package var deviation: [Float] = [0.268_629_54, 0.261_302_58, 0.275_777_11]
  /// The height and width that the model needs.
  package let imageSize: Int

  /// The position of the centre when the margins cannot be equal.
  package enum CropRounding: Sendable {
    /// The smaller margin first, as transformers.
    case down
    /// Half the difference rounded to the nearest even number, as torchvision.
    case nearestEven
  }
  package var cropRounding: CropRounding = .down

  /// torchvision's transforms of Pillow images, with the settings of an open_clip folder's
  /// `preprocess_cfg` where it has one.
  ///
  /// - Throws: `EncoderError.badConfiguration` for a filter that is not bilinear or
  ///   bicubic, and for another resize mode than `shortest`.
  init(torchvision directory: URL, imageSize: Int) throws {
    self.init(side: imageSize)
    cropRounding = .nearestEven
    let url = directory.appendingPathComponent(CLIPFolder.openCLIPFile)
    guard FileManager.default.fileExists(atPath: url.path),
      let stored = try ConfigurationFile.read(OpenCLIPFile.self, from: url).preprocessCfg
    else { return }
    func bad(_ found: String, _ expected: String) -> EncoderError {
      .badConfiguration(path: url.path, found: found, expected: expected)
    }
    switch stored.interpolation ?? "bicubic" {
    case "bicubic": filter = .bicubic
    case "bilinear": filter = .bilinear
    case let other: throw bad("interpolation '\(other)'", "bicubic or bilinear")
    }
    guard stored.resizeMode ?? "shortest" == "shortest" else {
      throw bad("resize_mode '\(stored.resizeMode ?? "")'", "'shortest'")
    }
    mean = stored.mean ?? mean
    deviation = stored.std ?? deviation
    guard deviation.count == 3, mean?.count == 3, deviation.allSatisfy({ $0 != 0 }) else {
      throw bad(
        "mean \(mean ?? []) and std \(deviation)", "three numbers each, none 0 in std")
    }
  }

  /// Reads `preprocessor_config.json`, else the `image_processor` of
  /// `processor_config.json`, else uses the released models' values.
  ///
  /// - Throws: `EncoderError.badConfiguration` for a filter that is not bilinear
  ///   or bicubic and for a size that is not the model's.
  package init(directory: URL, imageSize: Int) throws {
    self.init(side: imageSize)
    let own = directory.appendingPathComponent("preprocessor_config.json")
    let shared = directory.appendingPathComponent("processor_config.json")
    var url = own
    var stored = Stored()
    if FileManager.default.fileExists(atPath: own.path) {
      stored = try ConfigurationFile.read(Stored.self, from: own)
    } else if FileManager.default.fileExists(atPath: shared.path) {
      url = shared
      stored = try ConfigurationFile.read(Shared.self, from: shared).imageProcessor ?? Stored()
    }
    func bad(_ found: String, _ expected: String) -> EncoderError {
      .badConfiguration(path: url.path, found: found, expected: expected)
    }
    guard let filter = ResampleFilter(rawValue: stored.resample ?? 3) else {
      throw bad("resample \(stored.resample ?? 3)", "2 (bilinear) or 3 (bicubic)")
    }
    self.filter = filter
    if stored.doResize == false {
      target = .none
    } else if let size = stored.size {
      guard let read = size.target else {
        throw bad("a size without shortest_edge or height and width", "one of them")
      }
      target = read
    }
    if stored.doCenterCrop == false {
      crop = nil
    } else if let size = stored.cropSize {
      guard let height = size.height ?? size.edge, let width = size.width ?? size.edge else {
        throw bad("a crop_size without height and width", "both")
      }
      crop = (height, width)
    }
    if stored.doRescale == false {
      rescaleFactor = nil
    } else {
      rescaleFactor = stored.rescaleFactor ?? rescaleFactor
    }
    deviation = stored.imageStd ?? deviation
    mean = stored.doNormalize == false ? nil : stored.imageMean ?? mean
    guard deviation.count == 3, mean?.count ?? 3 == 3, deviation.allSatisfy({ $0 != 0 }) else {
      throw bad(
        "image_mean \(mean ?? []) and image_std \(deviation)", "three numbers each, none 0 in std")
    }
    var result = crop.map { [$0.height, $0.width] }
    if case .exact(let height, let width) = target { result = result ?? [height, width] }
    guard result ?? [imageSize, imageSize] == [imageSize, imageSize] else {
      throw bad(
        "pictures of \(result ?? [])", "[\(imageSize), \(imageSize)], the model's image_size")
    }
    if case .shortestEdge(let edge) = target, edge < 1 { throw bad("size \(edge)", "at least 1") }
  }

  /// The released models' processor for an input of `side` pixels square.
  package init(side: Int) {
    imageSize = side
    target = .shortestEdge(side)
    crop = (side, side)
  }

  /// The resized and cut picture, before scaling: `imageSize` square.
  ///
  /// - Throws: `EncoderError.unusablePicture`.
  package func prepared(_ image: RGBImage) throws -> RGBImage {
    guard image.width > 0, image.height > 0 else {
      throw EncoderError.unusablePicture(
        found: "\(image.width)x\(image.height) pixels", expected: "at least one")
    }
    let size = resizedSize(of: image)
    let cut = crop ?? (size.height, size.width)
    guard cut == (imageSize, imageSize) else {
      throw EncoderError.unusablePicture(
        found: "\(size.width)x\(size.height) pixels after resizing",
        expected: "\(imageSize)x\(imageSize); turn do_center_crop on")
    }
    // Resizing to the picture's own size changes no sample.
    if size == (image.height, image.width), size == cut { return image }
    let top = margin(size.height - cut.height)
    let left = margin(size.width - cut.width)
    let rows = max(0, top)..<min(size.height, top + cut.height)
    let columns = max(0, left)..<min(size.width, left + cut.width)
    let window = filter.resize(
      image, width: size.width, height: size.height, columns: columns, rows: rows)
    guard window.width != cut.width || window.height != cut.height else { return window }
    var padded = RGBImage(width: cut.width, height: cut.height)
    for row in 0..<window.height {
      let source = row * window.width * 3
      let target = ((row - min(top, 0)) * cut.width - min(left, 0)) * 3
      padded.pixels.replaceSubrange(
        target..<target + window.width * 3, with: window.pixels[source..<source + window.width * 3])
    }
    return padded
  }

  /// The model's input, [3, imageSize, imageSize].
  package func pixelValues(of image: RGBImage) throws -> Tensor<Float> {
    let picture = try prepared(image)
    let table = sampleValues()
    let area = imageSize * imageSize
    return Tensor(shape: [3, imageSize, imageSize]) { output in
      for channel in 0..<3 {
        for index in 0..<area {
          output[channel * area + index] =
            table[channel * 256 + Int(picture.pixels[index * 3 + channel])]
        }
      }
    }
  }

  /// The input as rows of patches, [patches, 3 · size · size], each patch by
  /// channel, then row, then column.
  func fillPatches(of image: RGBImage, size: Int, into patches: UnsafeMutablePointer<Float>) throws
  {
    let picture = try prepared(image)
    let grid = imageSize / size
    let area = size * size
    picture.pixels.withUnsafeBufferPointer { pixels in
      sampleValues().withUnsafeBufferPointer { table in
        for patch in 0..<grid * grid {
          let top = patch / grid * size
          let left = patch % grid * size
          for y in 0..<size {
            var source = ((top + y) * imageSize + left) * 3
            let target = patches + patch * 3 * area + y * size
            for x in 0..<size {
              target[x] = table[Int(pixels[source])]
              target[x + area] = table[256 + Int(pixels[source + 1])]
              target[x + 2 * area] = table[512 + Int(pixels[source + 2])]
              source += 3
            }
          }
        }
      }
    }
  }

  /// The normalised value of each of the 256 sample values, by channel.
  private func sampleValues() -> [Float] {
    (0..<3).flatMap { channel in
      (0..<256).map { sample in
        let value = rescaleFactor.map { Float(Double(sample) * $0) } ?? Float(sample)
        return mean.map { (value - $0[channel]) / deviation[channel] } ?? value
      }
    }
  }

  /// The margin before the centre, for a difference that may be negative.
  private func margin(_ difference: Int) -> Int {
    switch cropRounding {
    // Rounded down also when negative, like the reference's integer division.
    case .down: difference >> 1
    case .nearestEven: Int((Double(difference) / 2).rounded(.toNearestOrEven))
    }
  }

  private func resizedSize(of image: RGBImage) -> (height: Int, width: Int) {
    switch target {
    case .none: return (image.height, image.width)
    case .exact(let height, let width): return (height, width)
    case .shortestEdge(let edge):
      let short = min(image.width, image.height)
      let long = Int(Double(edge * max(image.width, image.height)) / Double(short))
      return image.width <= image.height ? (long, edge) : (edge, long)
    }
  }

  /// The file's own keys.
  private struct Stored: Decodable {
    var doResize: Bool?
    var doCenterCrop: Bool?
    var doRescale: Bool?
    var doNormalize: Bool?
    var size: Size?
    var cropSize: Size?
    var resample: Int?
    var rescaleFactor: Double?
    var imageMean: [Float]?
    var imageStd: [Float]?
  }

  private struct Shared: Decodable {
    var imageProcessor: Stored?
  }

  /// A number (older files) or an object.
  private struct Size: Decodable {
    var edge: Int?
    var height: Int?
    var width: Int?

    enum CodingKeys: String, CodingKey {
      case edge = "shortestEdge"
      case height
      case width
    }

    init(from decoder: any Decoder) throws {
      if let number = try? decoder.singleValueContainer().decode(Int.self) {
        edge = number
      } else {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        edge = try container.decodeIfPresent(Int.self, forKey: .edge)
        height = try container.decodeIfPresent(Int.self, forKey: .height)
        width = try container.decodeIfPresent(Int.self, forKey: .width)
      }
    }

    var target: Target? {
      if let height, let width, height > 0, width > 0 {
        return .exact(height: height, width: width)
      }
      return edge.map { .shortestEdge($0) }
    }
  }
}
