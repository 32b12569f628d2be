import Foundation
import Tensors

/// The weights of a model folder, read by name with the shape that the configuration implies.
struct WeightSource: Sendable {
  /// The position of a weight in a file with another layout than the architecture's.
  struct Place: Sendable {
    var name: String
    /// Its part of the stored rows, one of three equal ones; nil for all rows.
    var third: Int?
    /// Whether the file stores it with its two axes exchanged.
    var isTransposed = false
  }

  /// The file of the weights.
  let file: any TensorFile
  /// The checkpoint's prefix of the architecture's own names.
  private var prefix = ""
  private var layout: (@Sendable (String) -> Place)?

  init(_ file: any TensorFile) { self.file = file }

  /// The same weights under names without prefix: the first of `prefixes` under which `name`
  /// exists is added to every name.
  func strippingPrefix(_ prefixes: [String], of name: String) -> WeightSource {
    var result = self
    result.prefix = prefixes.first { file.contains($0 + place(of: name).name) } ?? ""
    return result
  }

  /// The same weights, each looked up at its position in `layout`.
  func laidOut(by layout: @escaping @Sendable (String) -> Place) -> WeightSource {
    var result = self
    result.layout = layout
    return result
  }

  /// Whether there is a weight of that name.
  func contains(_ name: String) -> Bool { shape(of: name) != nil }

  /// The extents of a weight, nil where there is none of that name.
  func shape(of name: String) -> [Int]? {
    let place = place(of: name)
    guard var shape = file.shape(of: prefix + place.name) else { return nil }
    if place.isTransposed { shape.reverse() }
    if place.third != nil {
      guard let rows = shape.first, rows.isMultiple(of: 3) else { return nil }
      shape[0] = rows / 3
    }
    return shape
  }

  /// A tensor as 32-bit floats.
  ///
  /// - Throws: `EncoderError.missingWeight`, `.misshapenWeight` or `.damagedWeight` with the
  ///   tensor's full name; `TensorError` where it contains integers.
  func tensor(_ name: String, _ shape: [Int]) throws -> Tensor<Float> {
    let place = place(of: name)
    var expected = place.isTransposed ? shape.reversed() : shape
    if place.third != nil { expected[0] *= 3 }
    let tensor = try stored(prefix + place.name, shape: expected)
    if let third = place.third {
      return tensor[rows: third * shape[0]..<(third + 1) * shape[0]]
    }
    return place.isTransposed ? tensor.transposed : tensor
  }

  /// Checks that a weight exists with its shape and can be read as floats; its bytes are not
  /// read.
  ///
  /// - Throws: as `tensor`.
  func check(_ name: String, _ shape: [Int]) throws {
    let full = prefix + place(of: name).name
    guard let found = self.shape(of: name), let type = file.elementType(of: full) else {
      throw EncoderError.missingWeight(path: file.url.path, tensor: full, expected: shape)
    }
    guard found == shape else {
      throw EncoderError.misshapenWeight(
        path: file.url.path, tensor: full, found: found, expected: shape)
    }
    guard type.isFloatingPoint else {
      throw TensorError.wrongElementType(
        path: file.url.path, tensor: full, found: type.rawValue, expected: "floating point")
    }
  }

  private func place(of name: String) -> Place { layout?(name) ?? Place(name: name) }

  private func stored(_ name: String, shape: [Int]) throws -> Tensor<Float> {
    guard let found = file.shape(of: name) else {
      throw EncoderError.missingWeight(path: file.url.path, tensor: name, expected: shape)
    }
    guard found == shape else {
      throw EncoderError.misshapenWeight(
        path: file.url.path, tensor: name, found: found, expected: shape)
    }
    let tensor = try file.tensor(name)
    guard tensor.isFinite else {
      throw EncoderError.damagedWeight(path: file.url.path, tensor: name)
    }
    return tensor
  }

  /// A weight [outputs, inputs] and its bias.
  func linear(_ name: String, inputs: Int, outputs: Int, _ arithmetic: LinearArithmetic) throws
    -> LinearLayer
  {
    try joined([name], inputs: inputs, outputs: outputs, arithmetic)
  }

  /// Several layers of the same inputs as one, their outputs side by side.
  func joined(_ names: [String], inputs: Int, outputs: Int, _ arithmetic: LinearArithmetic) throws
    -> LinearLayer
  {
    try LinearLayer(
      weight: try joined(names.map { $0 + ".weight" }, [outputs, inputs]),
      bias: try joined(names.map { $0 + ".bias" }, [outputs]),
      arithmetic: arithmetic)
  }

  private func joined(_ names: [String], _ shape: [Int]) throws -> Tensor<Float> {
    let places = names.map(place)
    guard places.compactMap(\.third) == [0, 1, 2], Set(places.map(\.name)).count == 1 else {
      return .concatenated(try names.map { try tensor($0, shape) })
    }
    // The file stores them joined.
    return try stored(prefix + places[0].name, shape: [3 * shape[0]] + shape.dropFirst())
  }

  /// The weight and bias of a layer normalisation.
  func normalization(_ name: String, width: Int, epsilon: Float) throws -> NormalizationWeights {
    NormalizationWeights(
      weight: try tensor(name + ".weight", [width]), bias: try tensor(name + ".bias", [width]),
      epsilon: epsilon)
  }
}

extension Tensor {
  /// A matrix with its axes exchanged.
  fileprivate var transposed: Tensor {
    let (rows, columns) = (shape[0], shape[1])
    return Tensor(shape: [columns, rows]) { output in
      for row in 0..<rows {
        for column in 0..<columns { output[column * rows + row] = scalars[row * columns + column] }
      }
    }
  }
}

extension LinearArithmetic {
  /// The embeddings of pictures that a model computed in this arithmetic.
  ///
  /// - Throws: `EncoderError.notFinite` for any non-finite number: half precision ends at
  ///   65,504.
  func finite(_ embeddings: Tensor<Float>, ofModelIn directory: URL) throws -> Tensor<Float> {
    guard embeddings.isFinite else { throw notFinite(directory) }
    return embeddings
  }

  /// The embeddings of texts. Where some are not finite, the caller reports them.
  ///
  /// - Throws: `EncoderError.notFinite` where none of several is finite: then the model is the
  ///   cause.
  func finiteInPart(_ embeddings: Tensor<Float>, ofModelIn directory: URL) throws
    -> Tensor<Float>
  {
    let rows = embeddings.shape[0]
    guard rows < 2 || (0..<rows).contains(where: { embeddings[row: $0].isFinite }) else {
      throw notFinite(directory)
    }
    return embeddings
  }

  private func notFinite(_ directory: URL) -> EncoderError {
    .notFinite(model: ModelLocator.name(of: directory).model, arithmetic: rawValue)
  }
}

extension Tensor where Scalar == Float {
  /// Whether no element is NaN or infinite.
  var isFinite: Bool {
    // By the exponent's bits, in a loop that compilers vectorise for any processor.
    let exponent: UInt32 = 0x7f80_0000
    return scalars.withUnsafeBufferPointer { scalars in
      var faults: UInt32 = 0
      for scalar in scalars {
        faults |= scalar.bitPattern & exponent == exponent ? 1 : 0
      }
      return faults == 0
    }
  }
}
