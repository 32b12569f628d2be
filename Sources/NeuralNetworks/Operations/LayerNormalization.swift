import Tensors

extension Variable {
  /// (x − mean)/√(variance + epsilon)·weight + bias over the last axis, with the
  /// biased variance, as `torch.nn.LayerNorm`. Weight and bias are [n].
  public func layerNormalized(weight: Variable, bias: Variable, epsilon: Scalar = 1e-5)
    -> Variable
  {
    precondition(
      weight.shape == [value.extent(-1)] && bias.shape == weight.shape,
      "weight \(weight.shape) and bias \(bias.shape) do not fit rows of \(shape)")
    let (standard, inverseDeviations) = standardised(value, epsilon)
    let y = scaleAndShift(standard, weight.value, bias.value)
    let w = weight.value
    return Variable(y, from: [self, weight, bias]) { gradient in
      self.accumulate(standardisedGradient(gradient, w, standard, inverseDeviations))
      weight.accumulate(columnSums(product(gradient, standard)))
      bias.accumulate(columnSums(gradient))
    }
  }
}

/// The rows with mean 0 and variance 1, and one inverse deviation a row.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func standardised<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ epsilon: Scalar)
  -> (Tensor<Scalar>, [Scalar])
{
  let width = x.extent(-1)
  let count = x.count / max(1, width)
  var inverseDeviations = [Scalar](repeating: 0, count: count)
  let standard = inverseDeviations.withUnsafeMutableBufferPointer { inverseDeviations in
    nonisolated(unsafe) let inverseDeviations = inverseDeviations
    return x.transformed(shape: x.shape, rows: count) { rows, x, output in
      for row in rows {
        let start = row &* width
        var sum: Scalar = 0
        for index in start..<start + width { sum += x[unchecked: index] }
        let mean = sum / Scalar(width)
        var squares: Scalar = 0
        for index in start..<start + width {
          let centred = x[unchecked: index] - mean
          squares += centred * centred
        }
        let inverse = 1 / (squares / Scalar(width) + epsilon).squareRoot()
        inverseDeviations[row] = inverse
        for index in start..<start + width {
          output[unchecked: index] = (x[unchecked: index] - mean) * inverse
        }
      }
    }
  }
  return (standard, inverseDeviations)
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func scaleAndShift<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>
) -> Tensor<Scalar> {
  let width = weight.count
  return x.transformed(shape: x.shape, rows: x.count / max(1, width)) { rows, x, output in
    weight.scalars.withUnsafeBufferPointer { weight in
      bias.scalars.withUnsafeBufferPointer { bias in
        for start in stride(from: rows.lowerBound * width, to: rows.upperBound * width, by: width) {
          for column in 0..<width {
            output[unchecked: start &+ column] =
              x[unchecked: start &+ column] * weight[unchecked: column] + bias[unchecked: column]
          }
        }
      }
    }
  }
}

/// dx = (h − mean(h) − s·mean(h·s))/deviation with h = g·weight and s the
/// standardised row.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func standardisedGradient<Scalar: TensorScalar>(
  _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ standard: Tensor<Scalar>,
  _ inverseDeviations: [Scalar]
) -> Tensor<Scalar> {
  let width = weight.count
  let count = inverseDeviations.count
  return gradient.transformed(shape: gradient.shape, rows: count) { rows, g, output in
    weight.scalars.withUnsafeBufferPointer { weight in
      standard.scalars.withUnsafeBufferPointer { s in
        for row in rows {
          let start = row &* width
          var (sum, dot): (Scalar, Scalar) = (0, 0)
          for column in 0..<width {
            let h = g[unchecked: start &+ column] * weight[unchecked: column]
            output[unchecked: start &+ column] = h
            sum += h
            dot += h * s[unchecked: start &+ column]
          }
          let (mean, slope) = (sum / Scalar(width), dot / Scalar(width))
          let inverse = inverseDeviations[row]
          for index in start..<start + width {
            output[unchecked: index] =
              (output[unchecked: index] - mean - s[unchecked: index] * slope) * inverse
          }
        }
      }
    }
  }
}
