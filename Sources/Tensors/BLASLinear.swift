/// A linear layer by OpenBLAS, for processors that oneDNN has no fast kernels for.
struct BLASLinear: LinearKernel {
  private let weight: Tensor<Float>
  private let bias: [Float]

  init(_ weight: Tensor<Float>, _ bias: [Float]) {
    self.weight = weight
    self.bias = bias
  }

  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) {
    let outputs = weight.shape[0]
    let inputs = weight.shape[1]
    let products = workspace.products(rows * outputs)
    weight.scalars.withAddress { weight in
      Float.gemm(
        transposeA: false, transposeB: true, m: rows, n: outputs, k: inputs, alpha: 1, a: input,
        lda: inputs, b: weight, ldb: inputs, beta: 0, c: products, ldc: outputs)
    }
    bias.withAddress {
      finish.apply(products, into: output, rows: rows, width: outputs, bias: $0)
    }
  }
}
