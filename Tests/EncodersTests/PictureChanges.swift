import Video

/// Small mistakes in the handling of pictures, which a test must notice.
enum PictureChanges {
  static func mirrored(_ image: RGBImage) -> RGBImage {
    mapped(image) { x, y in (image.width - 1 - x, y) }
  }

  /// One pixel to the right, the first column doubled.
  static func shifted(_ image: RGBImage) -> RGBImage {
    mapped(image) { x, y in (max(0, x - 1), y) }
  }

  static func blueFirst(_ image: RGBImage) -> RGBImage {
    var result = image
    for pixel in 0..<image.width * image.height {
      result.pixels[pixel * 3] = image.pixels[pixel * 3 + 2]
      result.pixels[pixel * 3 + 2] = image.pixels[pixel * 3]
    }
    return result
  }

  /// The picture that `Golden/pictures.py` calls `formula_picture`.
  static func formula(width: Int, height: Int) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 {
          let value = x * x * 3 + y * 7 * x + y * 11 + c * 97 + (x * y) / (5 + c)
          image.pixels[(y * width + x) * 3 + c] = UInt8(value % 256)
        }
      }
    }
    return image
  }

  private static func mapped(_ image: RGBImage, _ source: (Int, Int) -> (Int, Int)) -> RGBImage {
    var result = image
    for y in 0..<image.height {
      for x in 0..<image.width {
        let (fromX, fromY) = source(x, y)
        for c in 0..<3 {
          result.pixels[(y * image.width + x) * 3 + c] =
            image.pixels[(fromY * image.width + fromX) * 3 + c]
        }
      }
    }
    return result
  }
}
