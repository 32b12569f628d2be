import Records
import Tensors
import TestSupport
import Testing

/// The linear layers of every arithmetic that this processor runs, against a
/// product in double precision.
@Suite struct LinearLayerTests {
  private static let arithmetics = LinearArithmetic.allCases.filter { $0.runs(on: .current) }

  /// The largest relative error of a row that a correct kernel stays under, for
  /// operands in [-1, 1]: twice the largest that was measured for f16 (1.5e-3, where
  /// a sum of seven products cancels) and int8 (1.6e-2), more for the others.
  private static func tolerance(_ arithmetic: LinearArithmetic) -> Double {
    switch arithmetic {
    case .f32: 1e-6
    case .bf16: 1e-2
    case .f16: 3e-3
    case .int8: 3.2e-2
    }
  }

  private static func matrix(_ shape: [Int], seed: UInt64) -> Tensor<Float> {
    var generator = SeededGenerator(seed: seed)
    return Tensor(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
  }

  private func output(
    _ layer: LinearLayer, _ input: Tensor<Float>, _ finish: LinearFinish,
    onto before: Tensor<Float>
  ) throws -> Tensor<Float> {
    var output = before
    try layer.apply(
      input, into: &output, finish: finish, workspace: LinearWorkspace(threads: 1))
    return output
  }

  private func reference(
    _ weight: Tensor<Float>, _ bias: Tensor<Float>, _ input: Tensor<Float>,
    _ finish: LinearFinish, onto before: Tensor<Float>
  ) -> [[Double]] {
    (0..<input.shape[0]).map { row in
      (0..<weight.shape[0]).map { column in
        let width = weight.shape[1]
        var sum = Double(bias.scalars[column])
        for index in 0..<width {
          sum +=
            Double(input.scalars[row * width + index])
            * Double(weight.scalars[column * width + index])
        }
        switch finish {
        case .bias: return sum
        case .residual: return sum + Double(before.scalars[row * weight.shape[0] + column])
        case .activation(.relu): return max(sum, 0)
        case .activation(.quickGELU): return sum / (1 + Double.exponential(-1.702 * sum))
        case .activation(.gelu): return 0.5 * sum * (1 + Self.errorFunction(sum / 2.0.squareRoot()))
        }
      }
    }
  }

  /// By its Taylor series, exact enough to 4.
  private static func errorFunction(_ x: Double) -> Double {
    guard abs(x) < 4 else { return x < 0 ? -1 : 1 }
    var term = x
    var sum = x
    for n in 1..<80 {
      term *= -x * x / Double(n)
      sum += term / Double(2 * n + 1)
    }
    return sum * 2 / Double.pi.squareRoot()
  }

  private func largestError(_ output: Tensor<Float>, _ expected: [[Double]]) -> Double {
    expected.enumerated().map { row, expected in
      let found = output[row: row].scalars.map(Double.init)
      let error = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return (error / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }.max() ?? .infinity
  }

  @Test(
    "every arithmetic equals the product in double precision within its own rounding",
    arguments: arithmetics)
  func productsAreRight(arithmetic: LinearArithmetic) throws {
    let finishes: [LinearFinish] =
      [.bias, .residual] + RowActivation.allCases.map { .activation($0) }
    // Odd widths, fewer columns than a panel, and rows that fill no whole tile.
    for (rows, inputs, outputs) in [
      (1, 7, 5), (29, 75, 33), (37, 192, 96), (517, 75, 40), (13, 1541, 33),
    ] {
      let weight = Self.matrix([outputs, inputs], seed: 1)
      let bias = Self.matrix([outputs], seed: 2)
      let input = Self.matrix([rows, inputs], seed: 3)
      let before = Self.matrix([rows, outputs], seed: 4)
      let layer = try LinearLayer(weight: weight, bias: bias, arithmetic: arithmetic)
      for finish in finishes {
        let expected = reference(weight, bias, input, finish, onto: before)
        let found = try output(layer, input, finish, onto: before)
        let error = largestError(found, expected)
        #expect(
          error < Self.tolerance(arithmetic),
          "\(arithmetic) \(finish) \(rows)x\(inputs)x\(outputs): \(error)")
        // The check can fail: another bias is seen.
        var other = bias
        other.scalars[0] += 4
        #expect(
          largestError(found, reference(weight, other, input, finish, onto: before))
            > Self.tolerance(arithmetic))
      }
    }
  }

  @Test(
    "8 bits by oneDNN, as on AMX, give the same sums as our kernel",
    .enabled(if: LinearArithmetic.int8.runs(on: .current)))
  func twoWaysOfEightBits() throws {
    let (rows, inputs, outputs) = (437, 75, 100)
    let weight = Self.matrix([outputs, inputs], seed: 1)
    let bias = Self.matrix([outputs], seed: 2)
    let input = Self.matrix([rows, inputs], seed: 3)
    let before = Self.matrix([rows, outputs], seed: 4)
    let layer = try LinearLayer(weight: weight, bias: bias, arithmetic: .int8)
    let other = try OneDNNQuantizedLinear(weight, bias.scalars)
    for finish in [LinearFinish.bias, .residual, .activation(.quickGELU)] {
      let expected = try output(layer, input, finish, onto: before)
      var found = before.scalars
      try input.scalars.withUnsafeBufferPointer { input in
        try found.withUnsafeMutableBufferPointer { found in
          try other.apply(
            #require(input.baseAddress), rows: rows, into: #require(found.baseAddress),
            finish: finish, workspace: LinearWorkspace(threads: 1))
        }
      }
      #expect(found == expected.scalars, "\(finish)")
    }
  }

  @Test(
    "a feed-forward network is its two layers, to the last bit", arguments: arithmetics,
    [(1, 5, 7), (12, 33, 31), (13, 64, 130), (40, 96, 385)])
  func feedForward(arithmetic: LinearArithmetic, shape: (rows: Int, width: Int, hidden: Int))
    throws
  {
    let (rows, width, hidden) = shape
    let expansion = try LinearLayer(
      weight: Self.matrix([hidden, width], seed: 1),
      bias: Self.matrix([1, hidden], seed: 2).reshaped([hidden]), arithmetic: arithmetic)
    let contraction = try LinearLayer(
      weight: Self.matrix([width, hidden], seed: 3),
      bias: Self.matrix([1, width], seed: 4).reshaped([width]), arithmetic: arithmetic)
    let input = Self.matrix([rows, width], seed: 5)
    let before = Self.matrix([rows, width], seed: 6)
    for activation in RowActivation.allCases {
      let between = try output(
        expansion, input, .activation(activation), onto: Tensor(shape: [rows, hidden]))
      let expected = try output(contraction, between, .residual, onto: before)
      var found = before.scalars
      var memory = [Float](repeating: .nan, count: rows * hidden)
      try FeedForwardLayers(expansion: expansion, activation: activation, contraction: contraction)
        .add(
          input.scalars, rows: rows, hidden: &memory, to: &found,
          workspace: LinearWorkspace(threads: 1))
      #expect(found == expected.scalars, "\(activation)")
    }
  }

  @Test("several threads may use one layer at once", arguments: arithmetics)
  func layersAreShared(arithmetic: LinearArithmetic) throws {
    let weight = Self.matrix([64, 96], seed: 1)
    let layer = try LinearLayer(weight: weight, arithmetic: arithmetic)
    let inputs = (0..<16).map { Self.matrix([5 + $0, 96], seed: UInt64($0)) }
    let alone = try inputs.map {
      try output(layer, $0, .bias, onto: Tensor(shape: [$0.shape[0], 64]))
    }
    try MatrixThreads.divide(16) { items, _ in
      for round in 0..<20 {
        for index in items {
          let place = (index + round) % 16
          let found = try output(
            layer, inputs[place], .bias, onto: Tensor(shape: [inputs[place].shape[0], 64]))
          #expect(found == alone[place])
        }
      }
    }
  }

  @Test("a precision runs in the best arithmetic that the processor has, else in f32")
  func theArithmeticFollowsTheProcessor() {
    func processor(_ flags: String, cap: String? = nil) -> CPUFeatures {
      CPUFeatures(
        cpuInformation: "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu \(flags)\n",
        cap: cap)
    }
    let base = "avx2 avx512f avx512bw avx512dq avx512vl"
    #expect(processor(base).name == "Some CPU")
    #expect(LinearArithmetic(for: .bf16, on: processor("avx2")) == .f32)
    #expect(LinearArithmetic(for: .int8, on: processor("avx2")) == .f32)
    #expect(LinearArithmetic(for: .bf16, on: processor("\(base) avx512_vnni")) == .f32)
    #expect(LinearArithmetic(for: .int8, on: processor("\(base) avx512_vnni")) == .int8)
    #expect(LinearArithmetic(for: .bf16, on: processor("\(base) avx512_bf16")) == .bf16)
    #expect(
      LinearArithmetic(for: .bf16, on: processor("\(base) avx512_bf16 avx512_fp16")) == .f16)
    #expect(
      LinearArithmetic(for: .bf16, on: processor("\(base) avx512_bf16 avx512_fp16 amx_bf16"))
        == .bf16)
    #expect(LinearArithmetic(for: .f32, on: processor("\(base) avx512_fp16")) == .f32)
    #expect(!LinearArithmetic.f32.serves(.bf16) && LinearArithmetic.f16.serves(.bf16))
    let all = "\(base) avx512_fp16 amx_bf16"
    for name in ["avx2", "AVX2"] {
      #expect(processor(all, cap: name).features == [.avx2])
      #expect(LinearArithmetic(for: .bf16, on: processor(all, cap: name)) == .f32)
    }
    #expect(!processor(all, cap: "avx512_fp16").has(.amxBF16))
    #expect(processor(all, cap: "avx9").features.isEmpty)
    // A name that only begins like a flag is none.
    #expect(!processor("avx512_vnni_not").has(.avx512VNNI))
    #expect(CPUFeatures(cpuInformation: "").features.isEmpty)
  }
}
