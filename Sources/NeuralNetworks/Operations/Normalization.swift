import Tensors

extension Variable {
  /// Rows of the last axis divided by max(‖row‖₂, epsilon), as
  /// `torch.nn.functional.normalize`.
  public func l2Normalized(epsilon: Scalar = 1e-12) -> Variable {
    let (unit, norms) = unitRows(value, epsilon)
    return Variable(unit, from: [self]) { gradient in
      self.accumulate(unitRowsGradient(gradient, unit, norms, epsilon))
    }
  }

  /// The cosine of every row with every row of `other`: [..., n, d] by
  /// [..., m, d] is [..., n, m].
  public func cosineSimilarity(to other: Variable, epsilon: Scalar = 1e-12) -> Variable {
    let unit = l2Normalized(epsilon: epsilon)
    return unit.matrixMultiplied(
      by: other === self ? unit : other.l2Normalized(epsilon: epsilon), otherTransposed: true)
  }

  /// (x − shift)·scale for constant `shift` and `scale` [n] over the last axis.
  public func standardized(shift: Tensor<Scalar>, scale: Tensor<Scalar>) -> Variable {
    addingBias(Variable(NeuralNetworks.scaled(shift, by: -1)))
      .scalingColumns(by: Variable(scale))
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func unitRows<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ epsilon: Scalar)
  -> (Tensor<Scalar>, [Scalar])
{
  let width = x.extent(-1)
  let count = x.count / max(1, width)
  var norms = [Scalar](repeating: 0, count: count)
  let unit = norms.withUnsafeMutableBufferPointer { norms in
    nonisolated(unsafe) let norms = norms
    return x.transformed(shape: x.shape, rows: count) { rows, x, output in
      for row in rows {
        let start = row &* width
        var squares: Scalar = 0
        for index in start..<start + width { squares += x[unchecked: index] * x[unchecked: index] }
        let norm = max(squares.squareRoot(), epsilon)
        norms[row] = norm
        let inverse = 1 / norm
        for index in start..<start + width {
          output[unchecked: index] = x[unchecked: index] * inverse
        }
      }
    }
  }
  return (unit, norms)
}

/// dx = (g − u·(g·u))/‖x‖; below epsilon the norm is a constant: dx = g/epsilon.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func unitRowsGradient<Scalar: TensorScalar>(
  _ gradient: Tensor<Scalar>, _ unit: Tensor<Scalar>, _ norms: [Scalar], _ epsilon: Scalar
) -> Tensor<Scalar> {
  let width = unit.extent(-1)
  return gradient.transformed(shape: unit.shape, rows: norms.count) { rows, g, output in
    unit.scalars.withUnsafeBufferPointer { u in
      for row in rows {
        let start = row &* width
        var dot: Scalar = 0
        if norms[row] > epsilon {
          for index in start..<start + width { dot += g[unchecked: index] * u[unchecked: index] }
        }
        let inverse = 1 / norms[row]
        for index in start..<start + width {
          output[unchecked: index] = (g[unchecked: index] - u[unchecked: index] * dot) * inverse
        }
      }
    }
  }
}
