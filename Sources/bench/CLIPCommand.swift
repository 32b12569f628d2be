import ArgumentParser
import Encoders
import Foundation
import Records
import Tensors
import Video

extension LinearArithmetic: ExpressibleByArgument {}

/// Pictures a second of a CLIP model's image side.
struct CLIPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip",
    abstract: "Images/s of CLIP's vision tower, alone and with preprocessing, and GEMM peaks.")

  @Option(help: "The model's folder.")
  var model: String

  @Option(help: "Arithmetics of the linear layers.")
  var arithmetic: [LinearArithmetic] = LinearArithmetic.allCases.filter {
    $0.runs(on: .current)
  }

  @Option(help: "Pictures encoded together.")
  var batch: Int = 8

  @Option(help: "Pictures in one measurement.")
  var images: Int = 16

  @Option(help: "A folder whose first pictures are measured with, in place of noise.")
  var pictures: String?

  @Option(
    help:
      "Also writes the embeddings of all its pictures, [n, dimension], to FOLDER/<arithmetic>.npy.")
  var embeddings: String?

  @Option(help: "Measurements; the median counts.")
  var repeats: Int = 3

  @Option(help: "Threads.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  func run() throws {
    MatrixThreads.set(threads)
    for arithmetic in arithmetic {
      let clip = try CLIPModel(
        directory: URL(fileURLWithPath: model), arithmetic: arithmetic)
      // The weights are hashed beside what follows until somebody asks for it.
      _ = clip.identity
      let size = clip.configuration.imageSize
      let peak = try productRate(
        width: clip.configuration.vision.width, hidden: clip.configuration.vision.hiddenWidth,
        arithmetic)
      if let pictures {
        let read = try Self.pictures(in: pictures)
        print(
          String(
            format: "ours %@ threads %d batch %d: %.2f images/s, GEMM %.0f GFLOP/s",
            arithmetic.rawValue, threads, batch,
            try imagesPerSecond(clip, Array(read.prefix(images))), peak))
        if let embeddings {
          try Npy.write(
            try clip.encodeImages(read),
            to: URL(fileURLWithPath: embeddings)
              .appendingPathComponent("\(arithmetic.rawValue).npy"))
        }
        continue
      }
      // The processor leaves a picture of the model's size as it is.
      let ready = try imagesPerSecond(clip, noise(width: size, height: size))
      let frames = try imagesPerSecond(clip, noise(width: 640, height: 480))
      print(
        String(
          format:
            "ours %@ threads %d batch %d: %.2f images/s at %dx%d, %.2f from 640x480, GEMM %.0f GFLOP/s",
          arithmetic.rawValue, threads, batch, ready, size, size, frames, peak))
    }
  }

  /// The pictures of a folder in the order of their names.
  private static func pictures(in folder: String) throws -> [RGBImage] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      try ImageFile.read(path: "\(folder)/\($0)")
    }
  }

  private func noise(width: Int, height: Int) -> [RGBImage] {
    var generator = SeededGenerator(seed: 7)
    return (0..<images).map { _ in
      RGBImage(
        width: width, height: height,
        pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
  }

  private func imagesPerSecond(_ clip: CLIPModel, _ pictures: [RGBImage]) throws -> Double {
    _ = try clip.encodeImages(Array(pictures.prefix(min(batch, 2 * threads))))
    return try Double(pictures.count)
      / Timings(repeats: repeats) {
        for start in stride(from: 0, to: pictures.count, by: batch) {
          _ = try clip.encodeImages(Array(pictures[start..<min(start + batch, pictures.count)]))
        }
      }.median
  }

  /// The widest product of the tower, on every thread at once.
  private func productRate(width: Int, hidden: Int, _ arithmetic: LinearArithmetic) throws
    -> Double
  {
    let rows = 394
    var generator = SeededGenerator(seed: 7)
    func matrix(_ shape: [Int]) -> Tensor<Float> {
      Tensor(
        shape: shape,
        scalars: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
    }
    let layer = try LinearLayer(weight: matrix([hidden, width]), arithmetic: arithmetic)
    let input = matrix([rows, width])
    let rounds = 8
    let product = try Timings(repeats: repeats) {
      try MatrixThreads.divide(threads) { items, threads in
        let workspace = LinearWorkspace(threads: threads)
        var output = Tensor<Float>(shape: [rows, hidden])
        for _ in 0..<items.count * rounds {
          try layer.apply(input, into: &output, workspace: workspace)
        }
      }
    }
    return 2 * Double(rows * width * hidden * rounds * threads) / product.median / 1e9
  }
}
