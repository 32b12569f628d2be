import Records
import Tensors

extension Variable {
  /// Multiple-instance pooling: of each row [B, T], the mean of the
  /// k_b = ⌊L_b/divisor⌋ + 1 largest of its first L_b elements, [B]; all of them
  /// where k_b is more.
  ///
  /// Between equal elements the earlier is taken. A row with NaN among its first L_b
  /// elements has the mean NaN.
  /// - Precondition: one length from 1 to T per row.
  public func topKMean(lengths: [Int], divisor: Int = 16) -> Variable {
    precondition(
      shape.count == 2 && lengths.count == shape[0]
        && lengths.allSatisfy { 1...max(1, shape[1]) ~= $0 },
      "lengths \(lengths) do not fit \(shape)")
    precondition(divisor > 0, "a positive divisor needed, got \(divisor)")
    let (extents, steps) = (shape, shape[1])
    var chosen: [[Int]] = []
    var means: [Scalar] = []
    for (row, length) in lengths.enumerated() {
      let scores = value.scalars[row * steps..<row * steps + length]
      guard !scores.contains(where: \.isNaN) else {
        means.append(.nan)
        chosen.append(Array(scores.indices))
        continue
      }
      let order = scores.indices.sorted {
        scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
      }
      let top = Array(order.prefix(length / divisor + 1))
      means.append(top.reduce(0) { $0 + scores[$1] } / Scalar(top.count))
      chosen.append(top)
    }
    return Variable(Tensor(shape: [extents[0]], scalars: means), from: [self]) { gradient in
      var share: Tensor<Scalar> = zeros(extents)
      for (row, top) in chosen.enumerated() {
        for index in top { share.scalars[index] = gradient.scalars[row] / Scalar(top.count) }
      }
      self.accumulate(share)
    }
  }

  /// A sequence [B, T, ...] with everything from step L_b on set to zero.
  public func maskedBeyond(lengths: [Int]) -> Variable {
    precondition(
      shape.count >= 2 && lengths.count == shape[0],
      "\(lengths.count) lengths do not fit \(shape)")
    guard lengths.contains(where: { $0 < shape[1] }) else { return self }
    return Variable(masked(value, lengths), from: [self]) {
      self.accumulate(masked($0, lengths))
    }
  }

  /// A sequence [B, T, C] with zeros after it, [B, steps, C].
  public func paddedTime(to steps: Int) -> Variable {
    withSteps(steps, precondition: shape.count == 3 && steps >= shape[1])
  }

  /// The first steps of a sequence [B, T, C], [B, steps, C].
  public func droppingTime(beyond steps: Int) -> Variable {
    withSteps(steps, precondition: shape.count == 3 && steps <= shape[1])
  }

  private func withSteps(_ steps: Int, precondition holds: Bool) -> Variable {
    precondition(holds, "\(steps) steps of \(shape)")
    let before = shape[1]
    guard steps != before else { return self }
    return Variable(resized(value, to: steps), from: [self]) {
      self.accumulate(resized($0, to: before))
    }
  }

  /// Each element zero with the given probability, the others divided by the
  /// probability of staying.
  public func dropout(_ probability: Double, generator: inout SeededGenerator) -> Variable {
    precondition(0..<1 ~= probability, "a dropout probability in [0, 1) needed")
    guard probability > 0 else { return self }
    let kept = Scalar(1 / (1 - probability))
    let mask = Tensor<Scalar>(
      shape: shape,
      scalars: (0..<value.count).map { _ in generator.nextUniform() < probability ? 0 : kept })
    return self * Variable(mask)
  }
}

/// [B, T, C] cut to, or filled with zeros to, [B, steps, C].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func resized<Scalar: TensorScalar>(_ x: Tensor<Scalar>, to steps: Int)
  -> Tensor<Scalar>
{
  let (count, before, width) = (x.shape[0], x.shape[1], x.shape[2])
  let kept = min(before, steps) * width
  return x.transformed(shape: [count, steps, width], rows: count) { rows, x, output in
    for row in rows {
      let (from, to) = (row * before * width, row * steps * width)
      for index in 0..<kept { output[unchecked: to &+ index] = x[unchecked: from &+ index] }
      for index in kept..<steps * width { output[unchecked: to &+ index] = 0 }
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func masked<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ lengths: [Int])
  -> Tensor<Scalar>
{
  let steps = x.shape[1]
  let width = x.shape.dropFirst(2).reduce(1, *)
  return x.transformed(shape: x.shape, rows: lengths.count) { rows, x, output in
    for row in rows {
      let start = row * steps * width
      let end = start + min(lengths[row], steps) * width
      for index in start..<end { output[unchecked: index] = x[unchecked: index] }
      for index in end..<start + steps * width { output[unchecked: index] = 0 }
    }
  }
}
