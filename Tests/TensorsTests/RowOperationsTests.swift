import Foundation
import Tensors
import Testing

@Suite struct RowOperationsTests {
  @Test func theVectorExponentialIsExactToTwoUnitsInTheLastPlace() {
    var worst = 0.0
    var x: Float = -87
    while x < 88 {
      let exact = exp(Double(x))
      let value = vectorExponential(SIMD8(repeating: x))[3]
      worst = max(worst, abs(Double(value) - exact) / (exact * 0x1p-23))
      x += 0.003_7
    }
    #expect(worst < 2, "\(worst)")
    let ends = vectorExponential(SIMD8(-1000, -.infinity, 1000, .infinity, 0, -0.0, 1, -1))
    #expect(ends[0] >= 0 && ends[0] < 1.2e-38 && ends[1] == ends[0])
    #expect(ends[2] > 1e38 && ends[2].isFinite && ends[4] == 1 && ends[5] == 1)
  }

  @Test func softmaxRowsSumToOneAndMatchTheDefinition() {
    let width = 19
    var values = (0..<3 * width).map { Float(sin(Double($0) * 1.7)) * 20 }
    let before = values
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      RowSoftmax.apply(base, rows: 3, width: width, stride: width, scale: 0.5)
    }
    for row in 0..<3 {
      let exact = (0..<width).map { exp(Double(before[row * width + $0]) * 0.5) }
      let total = exact.reduce(0, +)
      for column in 0..<width {
        #expect(abs(Double(values[row * width + column]) - exact[column] / total) < 1e-6)
      }
    }
  }

  @Test func aCausalRowSeesOnlyItselfAndWhatIsBefore() {
    var values = [Float](repeating: 3, count: 16)
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      RowSoftmax.apply(base, rows: 4, width: 4, stride: 4, isCausal: true)
    }
    let third = Float(1) / 3
    let expected: [Float] = [
      1, 0, 0, 0, 0.5, 0.5, 0, 0, third, third, third, 0, 0.25, 0.25, 0.25, 0.25,
    ]
    #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func normalisationMatchesTheDefinitionInPlace() {
    let width = 13
    let input = (0..<2 * width).map { Float($0 * $0 % 17) + 1000 }
    let weight = (0..<width).map { Float($0) * 0.1 }
    let bias = (0..<width).map { Float($0) - 3 }
    var output = input
    output.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      RowNormalization.apply(
        base, into: base, rows: 2, width: width, weight: weight, bias: bias, epsilon: 1e-5)
    }
    for row in 0..<2 {
      let x = (0..<width).map { Double(input[row * width + $0]) }
      let mean = x.reduce(0, +) / Double(width)
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      for column in 0..<width {
        let exact =
          (x[column] - mean) / (variance + 1e-5).squareRoot() * Double(weight[column])
          + Double(bias[column])
        #expect(abs(Double(output[row * width + column]) - exact) < 1e-4)
      }
    }
  }

  @Test func activationsMatchTheirDefinitionsOverLanesAndRest() {
    let values = (0..<21).map { Float($0 - 10) * 0.7 }
    let bias = [Float](repeating: 0.25, count: 21)
    for activation in RowActivation.allCases {
      var output = values
      output.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        activation.apply(base, rows: 1, width: 21, bias: bias)
      }
      for (value, input) in zip(output, values) {
        let x = Double(input) + 0.25
        let exact =
          switch activation {
          case .quickGELU: x / (1 + exp(-1.702 * x))
          case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
          case .relu: max(x, 0)
          }
        #expect(abs(Double(value) - exact) < 2e-6, "\(activation)")
      }
    }
  }
}
