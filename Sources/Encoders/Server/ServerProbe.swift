import HTTP
import Video

/// Finds out by requests how a server embeds pictures and texts.
///
/// Proved: the answer depends on a picture's content and not on its file's bytes (a server
/// that does not know the dialect embeds the URL as a text), texts are answered, both have
/// one width, and the model's input has the side that the probe finds. Not provable from
/// outside: that both towers belong to one model, and which weights they have; the served
/// name is trusted.
struct ServerProbe: Sendable {
  /// The result of the probe.
  struct Finding: Sendable {
    let dialect: EmbeddingDialect
    let dimension: Int
    /// The side of the model's input, if CLIP's resizing and cropping to it does not change
    /// the embedding.
    let side: Int?
  }

  /// The released CLIPs' input sides, the most frequent first.
  static let sides = [224, 336, 384, 256]
  /// The largest distance between a picture prepared here and the same picture sent whole,
  /// relative to the distance to another picture. It is above the effects of another
  /// library's resizing and of half precision, and below the effect of a wrong side.
  static let sideTolerance = 0.05

  let exchange: EmbeddingExchange
  let format: ServerPicture.Format

  /// - Throws: `ServerFailure`.
  func find() async throws -> Finding {
    let whole = ServerPicture(format: format)
    let scene = Self.scene()
    let (dialect, sceneRow) = try await dialect(for: whole.address(of: scene))
    let dimension = sceneRow.count
    func embed(_ image: RGBImage, _ picture: ServerPicture) async throws -> [Float] {
      try await exchange.pictures([picture.address(of: image)], in: dialect, dimension: dimension)[
        0]
    }
    // Two files with the same content for the model: after resizing both are plain gray.
    let gray = try await embed(RGBImage(width: 64, height: 64, red: 90, green: 90, blue: 90), whole)
    let sameGray = try await embed(
      RGBImage(width: 80, height: 96, red: 90, green: 90, blue: 90), whole)
    let scale = Self.distance(sceneRow, gray)
    guard scale > 0, Self.distance(gray, sameGray) <= 0.1 * scale else {
      throw ServerFailure.unusableAnswer(
        reason: "the same picture in another file gets another embedding: the server does not "
          + "read pictures")
    }
    let words = try await exchange.texts(["a street at night"], in: dialect, dimension: nil)[0]
    guard words.count == dimension else {
      throw ServerFailure.unusableAnswer(
        reason: "pictures have \(dimension) numbers and texts \(words.count): not one space")
    }
    var best: (side: Int, distance: Double)?
    for side in Self.sides {
      let prepared = try await embed(scene, ServerPicture(format: format, side: side))
      let distance = Self.distance(prepared, sceneRow) / scale
      if distance <= Self.sideTolerance, distance < best?.distance ?? .infinity {
        best = (side, distance)
      }
    }
    return Finding(dialect: dialect, dimension: dimension, side: best?.side)
  }

  /// The first dialect in which a picture gets an embedding.
  private func dialect(for address: String) async throws -> (EmbeddingDialect, [Float]) {
    var refusals: [String] = []
    for dialect in EmbeddingDialect.allCases {
      do {
        return (
          dialect, try await exchange.pictures([address], in: dialect, dimension: nil)[0]
        )
      } catch ServerFailure.refused(let status, let reason) {
        refusals.append("'\(dialect.rawValue)': HTTP \(status): \(reason.prefix(120))")
      }
    }
    throw ServerFailure.unusableAnswer(
      reason: "it embeds no pictures; asked with \(refusals.joined(separator: "; with "))")
  }

  private static func distance(_ left: [Float], _ right: [Float]) -> Double {
    zip(left, right).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot()
  }

  /// A picture with detail of every size, not square, larger than every side.
  private static func scene() -> RGBImage {
    var image = RGBImage(width: 640, height: 480)
    for y in 0..<image.height {
      for x in 0..<image.width {
        let place = (y * image.width + x) * 3
        let cell = (x / 37) &* 7 &+ (y / 29) &* 13
        image.pixels[place] = UInt8(truncatingIfNeeded: cell &* 41 &+ (x / 3 + y / 5) % 2 * 60)
        image.pixels[place + 1] = UInt8(truncatingIfNeeded: x &* y / 900 &+ cell &* 17)
        image.pixels[place + 2] = UInt8(truncatingIfNeeded: y / 2 &+ (x ^ y) / 4)
      }
    }
    return image
  }
}
