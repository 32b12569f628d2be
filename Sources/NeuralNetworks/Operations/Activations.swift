import Tensors

// Comparisons here are false for NaN in a way that lets it through: a value that is
// not a number must never become a zero or a replacement.

extension Variable {
  /// max(x, 0); NaN stays NaN.
  public func reLU() -> Variable {
    let x = value
    return Variable(rectified(x), from: [self]) { self.accumulate(rectifiedGradient($0, x)) }
  }

  /// 1 / (1 + e^-x).
  public func sigmoid() -> Variable {
    let y = NeuralNetworks.sigmoid(value)
    return Variable(y, from: [self]) { self.accumulate(sigmoidGradient($0, y)) }
  }

  /// x·sigmoid(1.702·x), CLIP's activation.
  public func quickGELU() -> Variable {
    let x = value
    return Variable(NeuralNetworks.quickGELU(x), from: [self]) {
      self.accumulate(quickGELUGradient($0, x))
    }
  }

  /// x·Φ(x) with the exact error function.
  public func gelu() -> Variable {
    let x = value
    return Variable(NeuralNetworks.gelu(x), from: [self]) {
      self.accumulate(geluGradient($0, x))
    }
  }

  /// Elements above the threshold, and the replacement in place of the others; NaN
  /// stays NaN.
  public func keepingAbove(_ threshold: Scalar, replacement: Scalar = 0) -> Variable {
    let x = value
    return Variable(kept(x, x, threshold, replacement), from: [self]) {
      self.accumulate(kept($0, x, threshold, 0))
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func rectified<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  x.mapped { $0 <= 0 ? 0 : $0 }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func rectifiedGradient<Scalar: TensorScalar>(
  _ gradient: Tensor<Scalar>, _ x: Tensor<Scalar>
)
  -> Tensor<Scalar>
{
  .zipped(gradient, x) { $1 <= 0 ? 0 : $0 }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func sigmoid<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  x.mapped { logistic($0) }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func sigmoidGradient<Scalar: TensorScalar>(_ gradient: Tensor<Scalar>, _ y: Tensor<Scalar>)
  -> Tensor<Scalar>
{
  .zipped(gradient, y) { $0 * $1 * (1 - $1) }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func quickGELU<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  x.mapped { $0 * logistic(1.702 * $0) }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func quickGELUGradient<Scalar: TensorScalar>(
  _ gradient: Tensor<Scalar>, _ x: Tensor<Scalar>
)
  -> Tensor<Scalar>
{
  .zipped(gradient, x) { gradient, x in
    let s = logistic(1.702 * x)
    return gradient * (s + 1.702 * x * s * (1 - s))
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func gelu<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  x.mapped { $0 * 0.5 * (1 + errorFunction($0 * 0.707_106_781_186_547_524_4)) }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func geluGradient<Scalar: TensorScalar>(_ gradient: Tensor<Scalar>, _ x: Tensor<Scalar>)
  -> Tensor<Scalar>
{
  .zipped(gradient, x) { gradient, x in
    let cumulative = 0.5 * (1 + errorFunction(x * 0.707_106_781_186_547_524_4))
    let density = 0.398_942_280_401_432_677_9 * exponential(-0.5 * x * x)
    return gradient * (cumulative + x * density)
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func kept<Scalar: TensorScalar>(
  _ y: Tensor<Scalar>, _ x: Tensor<Scalar>, _ threshold: Scalar, _ replacement: Scalar
) -> Tensor<Scalar> {
  .zipped(y, x) { $1 <= threshold ? replacement : $0 }
}
