import Tensors

extension Variable {
  /// A convolution along time with zero padding that keeps the length ("same"):
  /// y[b, t, o] = bias[o] + Σ_{j, c} weight[o, c, j]·x[b, t + (j − (k−1)/2)·dilation, c].
  ///
  /// Self is [B, T, in], weight [out, in, k] with k odd, as `torch.nn.Conv1d`
  /// stores it, bias [out]; the result is [B, T, out]. One product a tap and sequence, over
  /// the rows that have that neighbour: nothing is gathered.
  public func temporalConvolution(weight: Variable, bias: Variable? = nil, dilation: Int = 1)
    -> Variable
  {
    precondition(
      shape.count == 3 && weight.shape.count == 3 && weight.shape[1] == shape[2]
        && weight.shape[2] % 2 == 1,
      "weight \(weight.shape) does not convolve the sequence \(shape)")
    let taps = ConvolutionTaps(
      batch: shape[0], steps: shape[1], inputs: shape[2], outputs: weight.shape[0],
      kernel: weight.shape[2], dilation: dilation)
    let x = value
    let packed = tapMajor(weight.value)
    let y = taps.convolved(x, packed, bias: bias?.value)
    return Variable(y, from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
      if self.requiresGradient { self.accumulate(taps.inputGradient(gradient, packed)) }
      if weight.requiresGradient {
        weight.accumulate(channelMajor(taps.weightGradient(gradient, x)))
      }
      bias?.accumulate(columnSums(gradient))
    }
  }
}

/// The products of a convolution along time, with its weights as [k, out, in].
private struct ConvolutionTaps {
  let batch, steps, inputs, outputs, kernel, dilation: Int

  /// How far the input row of a tap is from its output row, and which output rows have it.
  private func reach(_ tap: Int) -> (shift: Int, rows: Range<Int>) {
    let shift = (tap - kernel / 2) * dilation
    let first = min(max(0, -shift), steps)
    return (shift, first..<max(first, min(steps, steps - shift)))
  }

  private var products: Int { steps * inputs * outputs * kernel }

  func convolved<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>?
  ) -> Tensor<Scalar> {
    Tensor(shape: [batch, steps, outputs]) { y in
      fillRows(y, bias ?? Tensor(shape: [outputs]))
      forEachTap(x, weight, y) { x, weight, y, tap, shift, rows in
        Scalar.gemm(
          transposeA: false, transposeB: true, m: rows.count, n: outputs, k: inputs, alpha: 1,
          a: x + (rows.lowerBound + shift) * inputs, lda: inputs,
          b: weight + tap * outputs * inputs, ldb: inputs, beta: 1,
          c: y + rows.lowerBound * outputs, ldc: outputs)
      }
    }
  }

  func inputGradient<Scalar: TensorScalar>(_ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>)
    -> Tensor<Scalar>
  {
    Tensor(shape: [batch, steps, inputs]) { dx in
      fillRows(dx, Tensor(shape: [inputs]))
      forEachTap(gradient, weight, dx) { gradient, weight, dx, tap, shift, rows in
        Scalar.gemm(
          transposeA: false, transposeB: false, m: rows.count, n: inputs, k: outputs, alpha: 1,
          a: gradient + rows.lowerBound * outputs, lda: outputs,
          b: weight + tap * outputs * inputs, ldb: inputs, beta: 1,
          c: dx + (rows.lowerBound + shift) * inputs, ldc: inputs)
      }
    }
  }

  /// [k, out, in]: each worker sums over its sequences, and the sums are added in order.
  func weightGradient<Scalar: TensorScalar>(_ gradient: Tensor<Scalar>, _ x: Tensor<Scalar>)
    -> Tensor<Scalar>
  {
    let size = kernel * outputs * inputs
    let workers = max(1, min(MatrixThreads.count, batch))
    var sums: Tensor<Scalar> = zeros([workers, kernel, outputs, inputs])
    sums.scalars.withUnsafeMutableBufferPointer { sums in
      gradient.scalars.withUnsafeBufferPointer { gradient in
        x.scalars.withUnsafeBufferPointer { x in
          guard let sums = sums.baseAddress, let gradient = gradient.baseAddress,
            let x = x.baseAddress
          else { return }
          nonisolated(unsafe) let (all, slopes, inputRows) = (sums, gradient, x)
          inProductParts(workers, products: products * batch / workers) { parts in
            for part in parts {
              for sequence in batch * part / workers..<batch * (part + 1) / workers {
                for tap in 0..<kernel {
                  let (shift, rows) = reach(tap)
                  guard !rows.isEmpty else { continue }
                  Scalar.gemm(
                    transposeA: true, transposeB: false, m: outputs, n: inputs, k: rows.count,
                    alpha: 1, a: slopes + (sequence * steps + rows.lowerBound) * outputs,
                    lda: outputs,
                    b: inputRows + (sequence * steps + rows.lowerBound + shift) * inputs,
                    ldb: inputs, beta: 1, c: all + part * size + tap * outputs * inputs,
                    ldc: inputs)
                }
              }
            }
          }
        }
      }
    }
    var total = sums[row: 0]
    for worker in 1..<max(2, workers) where worker < workers {
      addInPlace(&total.scalars, sums[row: worker].scalars)
    }
    return total
  }

  /// Calls `body` with the first elements of each sequence's rows of `input` and `output`.
  private func forEachTap<Scalar: TensorScalar>(
    _ input: Tensor<Scalar>, _ weight: Tensor<Scalar>,
    _ output: UnsafeMutableBufferPointer<Scalar>,
    _ body:
      @Sendable (
        UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, _ tap: Int,
        _ shift: Int, _ rows: Range<Int>
      ) -> Void
  ) {
    input.scalars.withUnsafeBufferPointer { input in
      weight.scalars.withUnsafeBufferPointer { weight in
        guard let from = input.baseAddress, let weight = weight.baseAddress,
          let to = output.baseAddress
        else { return }
        let (inputStep, outputStep) = (input.count / batch, output.count / batch)
        nonisolated(unsafe) let (source, weights, target) = (from, weight, to)
        inProductParts(batch, products: products) { sequences in
          for sequence in sequences {
            for tap in 0..<kernel {
              let (shift, rows) = reach(tap)
              guard !rows.isEmpty else { continue }
              body(
                source + sequence * inputStep, weights, target + sequence * outputStep, tap, shift,
                rows)
            }
          }
        }
      }
    }
  }
}

/// [out, in, k] to [k, out, in].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func tapMajor<Scalar: TensorScalar>(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
  let (kernel, size) = (weight.shape[2], weight.shape[0] * weight.shape[1])
  return weight.transformed(shape: [kernel, weight.shape[0], weight.shape[1]]) { x, output in
    for index in 0..<size {
      for tap in 0..<kernel {
        output[unchecked: tap &* size &+ index] = x[unchecked: index &* kernel &+ tap]
      }
    }
  }
}

/// [k, out, in] to [out, in, k].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func channelMajor<Scalar: TensorScalar>(_ taps: Tensor<Scalar>) -> Tensor<Scalar> {
  let (kernel, size) = (taps.shape[0], taps.shape[1] * taps.shape[2])
  return taps.transformed(shape: [taps.shape[1], taps.shape[2], kernel]) { x, output in
    for index in 0..<size {
      for tap in 0..<kernel {
        output[unchecked: index &* kernel &+ tap] = x[unchecked: tap &* size &+ index]
      }
    }
  }
}
