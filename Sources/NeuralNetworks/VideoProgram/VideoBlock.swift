import CKernels
import Tensors

/// A layer of a `VideoProgram`: a forward and a backward function over one video, and a layout
/// of what it keeps between the two.
///
/// Pointers are to row-major numbers. A block never reads another video.
protocol VideoBlock: AnyObject {
  /// The width of its output's rows.
  var outputWidth: Int { get }
  /// The parameters that it gives gradients of.
  var parameters: [Variable<Float>] { get }
  /// Whether its output is computed again in the backward pass, because that is cheaper than the
  /// memory that would keep it.
  var isCheap: Bool { get }
  /// How many numbers hold its sums of gradients, in a layout of its own.
  var gradientCount: Int { get }
  /// The numbers that a video keeps from the forward to the backward pass, besides the output.
  func keptCount(_ size: VideoSize) -> Int
  /// The numbers that either pass needs for itself.
  func scratchCount(_ size: VideoSize) -> Int
  /// Takes over the parameters' values for a step.
  func prepare()
  /// Writes every number of the output.
  func forward(_ pass: BlockPass)
  /// Adds to the inputs' gradients and to the sums.
  func backward(_ pass: BlockPass)
  /// The parameters' gradients, in the order of `parameters`, of the summed ones.
  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>]
}

extension VideoBlock {
  var isCheap: Bool { false }
}

/// How much of a video is computed.
struct VideoSize: Sendable, Equatable {
  /// Real snippets.
  var length: Int
  /// Rows that are computed: the length, or more where padding takes part.
  var rows: Int
  /// Rows of the batch: graphs that are normalised count padding.
  var steps: Int
}

/// One video at one block.
struct BlockPass {
  var size: VideoSize
  var inputs: [UnsafeMutablePointer<Float>]
  var output: UnsafeMutablePointer<Float>
  var kept: UnsafeMutablePointer<Float>
  var scratch: UnsafeMutablePointer<Float>
  /// The gradients of the inputs to add to, nil for an input that needs none; of the forward
  /// pass, empty.
  var inputGradients: [UnsafeMutablePointer<Float>?] = []
  var outputGradient: UnsafeMutablePointer<Float>?
  var sums: UnsafeMutablePointer<Float>?
  let products: Products

  var rows: Int { size.rows }

  /// The gradient of the output; only in the backward pass.
  var slope: UnsafeMutablePointer<Float> {
    guard let outputGradient else { preconditionFailure("no gradient in the forward pass") }
    return outputGradient
  }

  /// The sums of gradients; only in the backward pass.
  var gradients: UnsafeMutablePointer<Float> {
    guard let sums else { preconditionFailure("no gradients in the forward pass") }
    return sums
  }
}

/// The matrix products and loops of one worker, single-threaded.
final class Products {
  /// Multiplications and additions of products so far.
  private(set) var operations = 0
  let library: ProductLibrary

  /// Counts from 0 again.
  func restart() { operations = 0 }

  init(_ library: ProductLibrary) { self.library = library }

  /// c ← op(a)·op(b), or with that added to it. Rows of a, b and c are `lda`, `ldb` and `ldc`
  /// numbers apart as stored.
  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ lda: Int,
    _ b: UnsafePointer<Float>, _ ldb: Int, _ c: UnsafeMutablePointer<Float>, _ ldc: Int,
    transposeA: Bool = false, transposeB: Bool = false, adds: Bool = false, factor: Float = 1
  ) {
    guard m > 0, n > 0, k > 0 else { return }
    operations += 2 * m * n * k
    library.multiply(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: factor, a: a,
      lda: lda, b: b, ldb: ldb, beta: adds ? 1 : 0, c: c, ldc: ldc)
  }

  /// y = x·Wᵀ + bias for `rows` rows; W is [out, in].
  func linear(
    _ x: UnsafePointer<Float>, _ rows: Int, _ inputs: Int, _ weight: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ outputs: Int
  ) {
    loops.fill_rows(y, bias, rows, outputs)
    multiply(
      rows, outputs, inputs, x, inputs, weight, inputs, y, outputs, transposeB: true, adds: true)
  }

  /// Adds the gradients of such a layer; that of x where it is wanted.
  func linearGradient(
    _ x: UnsafePointer<Float>, _ rows: Int, _ inputs: Int, _ weight: UnsafePointer<Float>,
    slope: UnsafePointer<Float>, _ outputs: Int, dx: UnsafeMutablePointer<Float>?,
    dx adds: Bool = true, dweight: UnsafeMutablePointer<Float>,
    dbias: UnsafeMutablePointer<Float>
  ) {
    multiply(
      outputs, inputs, rows, slope, outputs, x, inputs, dweight, inputs, transposeA: true,
      adds: true)
    loops.add_rows(slope, dbias, rows, outputs)
    if let dx {
      multiply(rows, inputs, outputs, slope, outputs, weight, inputs, dx, inputs, adds: adds)
    }
  }
}

/// The element loops for this processor.
nonisolated(unsafe) let loops = kess_training_loops_best().pointee

extension Variable where Scalar == Float {
  /// Copies the values to memory that a block holds.
  func copy(to target: UnsafeMutablePointer<Float>) {
    value.scalars.withUnsafeBufferPointer { values in
      if let base = values.baseAddress { target.update(from: base, count: values.count) }
    }
  }
}

extension Tensor where Scalar == Float {
  /// A copy of numbers in memory.
  init(shape: [Int], copying source: UnsafePointer<Float>) {
    self.init(shape: shape) { target in
      for index in 0..<target.count { target[index] = source[index] }
    }
  }
}
