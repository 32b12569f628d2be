import Tensors

extension Variable {
  /// A convolution along time with zero padding that keeps the length ("same"):
  /// y[b, t, o] = bias[o] + Σ_{j, c} weight[o, c, j]·x[b, t + (j − (k−1)/2)·dilation, c].
  ///
  /// Self is [B, T, in], weight [out, in, k] with k odd, as `torch.nn.Conv1d`
  /// stores it, bias [out]; the result is [B, T, out]. One matrix multiply over
  /// the gathered neighbours (im2col).
  public func temporalConvolution(weight: Variable, bias: Variable? = nil, dilation: Int = 1)
    -> Variable
  {
    precondition(
      shape.count == 3 && weight.shape.count == 3 && weight.shape[1] == shape[2]
        && weight.shape[2] % 2 == 1,
      "weight \(weight.shape) does not convolve the sequence \(shape)")
    let (out, channels, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let (extents, rows) = (shape, shape[0] * shape[1])
    let x = value
    let taps = tapMajor(weight.value)
    let neighbours = gatherNeighbours(x, kernel, dilation)
    let flat = neighbours.matrixMultiplied(by: taps, otherTransposed: true)
    let y = (bias.map { addRow(flat, $0.value) } ?? flat).reshaped([extents[0], extents[1], out])
    return Variable(y, from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
      let gradient = gradient.reshaped([rows, out])
      if self.requiresGradient {
        let shares = gradient.matrixMultiplied(by: taps)
        self.accumulate(addNeighbours(shares, extents, kernel, dilation))
      }
      if weight.requiresGradient {
        // Gathered again rather than kept: k times the input's memory.
        let neighbours = gatherNeighbours(x, kernel, dilation)
        let shares = gradient.matrixMultiplied(by: neighbours, transposed: true)
        weight.accumulate(channelMajor(shares, channels, kernel))
      }
      bias?.accumulate(columnSums(gradient))
    }
  }
}

/// [out, in, k] to [out, k·in].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func tapMajor<Scalar: TensorScalar>(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
  let (out, channels, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2])
  return weight.transformed(shape: [out, kernel * channels]) { x, output in
    for o in 0..<out {
      for j in 0..<kernel {
        for c in 0..<channels {
          output[unchecked: (o &* kernel &+ j) &* channels &+ c] =
            x[unchecked: (o &* channels &+ c) &* kernel &+ j]
        }
      }
    }
  }
}

/// [out, k·in] to [out, in, k].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func channelMajor<Scalar: TensorScalar>(
  _ taps: Tensor<Scalar>, _ channels: Int, _ kernel: Int
) -> Tensor<Scalar> {
  let out = taps.shape[0]
  return taps.transformed(shape: [out, channels, kernel]) { x, output in
    for o in 0..<out {
      for c in 0..<channels {
        for j in 0..<kernel {
          output[unchecked: (o &* channels &+ c) &* kernel &+ j] =
            x[unchecked: (o &* kernel &+ j) &* channels &+ c]
        }
      }
    }
  }
}

/// [B, T, C] to [B·T, k·C]: beside each time step its k neighbours, zeros beyond
/// the ends.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func gatherNeighbours<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, _ kernel: Int, _ dilation: Int
) -> Tensor<Scalar> {
  let (batches, steps, channels) = (x.shape[0], x.shape[1], x.shape[2])
  return x.transformed(shape: [batches * steps, kernel * channels]) { x, output in
    guard let from = x.baseAddress, var to = output.baseAddress else { return }
    for batch in 0..<batches {
      for step in 0..<steps {
        for tap in 0..<kernel {
          let source = step + (tap - kernel / 2) * dilation
          if source >= 0 && source < steps {
            to.update(from: from + (batch * steps + source) * channels, count: channels)
          } else {
            to.update(repeating: 0, count: channels)
          }
          to += channels
        }
      }
    }
  }
}

/// The reverse of `gatherNeighbours`: every copy's share added where it came from.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addNeighbours<Scalar: TensorScalar>(
  _ shares: Tensor<Scalar>, _ shape: [Int], _ kernel: Int, _ dilation: Int
) -> Tensor<Scalar> {
  let (batches, steps, channels) = (shape[0], shape[1], shape[2])
  return shares.transformed(shape: shape) { shares, output in
    output.update(repeating: 0)
    guard var from = shares.baseAddress, let to = output.baseAddress else { return }
    for batch in 0..<batches {
      for step in 0..<steps {
        for tap in 0..<kernel {
          let target = step + (tap - kernel / 2) * dilation
          if target >= 0 && target < steps {
            let row = to + (batch * steps + target) * channels
            for c in 0..<channels { row[c] += from[c] }
          }
          from += channels
        }
      }
    }
  }
}
