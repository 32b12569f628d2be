import Tensors

/// Mean and biased variance of each channel, over the rows that count or from elsewhere.
public struct ChannelStatistics: Sendable {
  public let means, variances: [Double]
  /// How many rows of each sequence they are of; nil for statistics that do not depend on the
  /// batch.
  let lengths: [Int]?
  /// How many rows that is.
  let count: Int

  /// Constants.
  public init(means: [Double], variances: [Double]) {
    (self.means, self.variances, lengths, count) = (means, variances, nil, 0)
  }

  /// Of the first rows of each sequence of [B, T, C].
  ///
  /// - Precondition: one length from 0 to T a sequence, and at least one row in all.
  public init<Scalar: TensorScalar>(of x: Tensor<Scalar>, lengths: [Int]) {
    precondition(
      x.rank == 3 && lengths.count == x.shape[0]
        && lengths.allSatisfy { 0...x.shape[1] ~= $0 } && lengths.contains { $0 > 0 },
      "lengths \(lengths) do not fit \(x.shape)")
    count = lengths.reduce(0, +)
    let inverse = 1 / Double(count)
    let means = channelSums(x, lengths, centres: nil).map { $0 * inverse }
    self.means = means
    variances = channelSums(x, lengths, centres: means).map { $0 * inverse }
    self.lengths = lengths
  }

  /// With count − 1 in place of the count.
  var unbiasedVariances: [Double] {
    variances.map { $0 * Double(count) / Double(max(1, count - 1)) }
  }
}

extension Variable {
  /// (x − mean)/√(variance + epsilon)·weight + bias of each channel of [B, T, C].
  ///
  /// The gradient goes through the statistics where they are of x itself. Sums are in double
  /// precision: a batch has some 30,000 rows.
  public func channelNormalized(
    by statistics: ChannelStatistics, weight: Variable, bias: Variable, epsilon: Double = 1e-5
  ) -> Variable {
    let channels = value.extent(-1)
    precondition(
      shape.count == 3 && statistics.means.count == channels && weight.shape == [channels]
        && bias.shape == [channels],
      "statistics of \(statistics.means.count) channels, weight \(weight.shape), bias "
        + "\(bias.shape) do not fit \(shape)")
    let inverse = statistics.variances.map { 1 / ($0 + epsilon).squareRoot() }
    let standard = centred(value, statistics.means, inverse)
    let w = weight.value
    let y = Variable(standard).scalingColumns(by: Variable(w)).addingBias(Variable(bias.value))
    return Variable(y.value, from: [self, weight, bias]) { gradient in
      let rows = gradient.shape[0] * gradient.shape[1]
      let sums = gradientSums(gradient, standard, rows: rows)
      self.accumulate(
        centredGradient(gradient, standard, w, inverse, sums, statistics))
      weight.accumulate(Tensor(shape: [channels], scalars: sums.dots.map { Scalar($0) }))
      bias.accumulate(Tensor(shape: [channels], scalars: sums.sums.map { Scalar($0) }))
    }
  }
}

/// The sum of each channel over the rows that count, or of the squared distances to `centres`.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func channelSums<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, _ lengths: [Int], centres: [Double]?
) -> [Double] {
  let (steps, channels) = (x.shape[1], x.shape[2])
  let middle = centres ?? [Double](repeating: 0, count: channels)
  let squares = centres != nil
  var sums = [Double](repeating: 0, count: channels)
  sums.withUnsafeMutableBufferPointer { sums in
    x.scalars.withUnsafeBufferPointer { x in
      middle.withUnsafeBufferPointer { middle in
        for (sequence, length) in lengths.enumerated() {
          for row in sequence * steps..<sequence * steps + length {
            let start = row &* channels
            for column in 0..<channels {
              let gap = Double(x[unchecked: start &+ column]) - middle[unchecked: column]
              sums[unchecked: column] += squares ? gap * gap : gap
            }
          }
        }
      }
    }
  }
  return sums
}

/// (x − mean)·inverse, one of each a column.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func centred<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, _ means: [Double], _ inverse: [Double]
) -> Tensor<Scalar> {
  let channels = means.count
  let (middle, scale) = (means.map { Scalar($0) }, inverse.map { Scalar($0) })
  return x.transformed(shape: x.shape, rows: x.count / max(1, channels)) { rows, x, output in
    middle.withUnsafeBufferPointer { middle in
      scale.withUnsafeBufferPointer { scale in
        for row in rows {
          let start = row &* channels
          for column in 0..<channels {
            output[unchecked: start &+ column] =
              (x[unchecked: start &+ column] - middle[unchecked: column])
              * scale[unchecked: column]
          }
        }
      }
    }
  }
}

/// Σ g and Σ g·s of each column.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func gradientSums<Scalar: TensorScalar>(
  _ gradient: Tensor<Scalar>, _ standard: Tensor<Scalar>, rows: Int
) -> (sums: [Double], dots: [Double]) {
  let channels = gradient.extent(-1)
  var (sums, dots) = (
    [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
  )
  sums.withUnsafeMutableBufferPointer { sums in
    dots.withUnsafeMutableBufferPointer { dots in
      gradient.scalars.withUnsafeBufferPointer { g in
        standard.scalars.withUnsafeBufferPointer { s in
          for row in 0..<rows {
            let start = row &* channels
            for column in 0..<channels {
              let share = Double(g[unchecked: start &+ column])
              sums[unchecked: column] += share
              dots[unchecked: column] += share * Double(s[unchecked: start &+ column])
            }
          }
        }
      }
    }
  }
  return (sums, dots)
}

/// dx = (g − Σg/n − s·Σ(g·s)/n)·weight/deviation for the n rows that count, and
/// g·weight/deviation for the others, which move no statistic.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func centredGradient<Scalar: TensorScalar>(
  _ gradient: Tensor<Scalar>, _ standard: Tensor<Scalar>, _ weight: Tensor<Scalar>,
  _ inverse: [Double], _ sums: (sums: [Double], dots: [Double]), _ statistics: ChannelStatistics
) -> Tensor<Scalar> {
  let (steps, channels) = (gradient.shape[1], inverse.count)
  let lengths = statistics.lengths ?? [Int](repeating: 0, count: gradient.shape[0])
  let share = 1 / Double(max(1, statistics.count))
  let (means, slopes) = (sums.sums.map { Scalar($0 * share) }, sums.dots.map { Scalar($0 * share) })
  let scale = zip(weight.scalars, inverse).map { $0 * Scalar($1) }
  return gradient.transformed(shape: gradient.shape, rows: lengths.count * steps) {
    rows, g, output in
    standard.scalars.withUnsafeBufferPointer { s in
      means.withUnsafeBufferPointer { means in
        slopes.withUnsafeBufferPointer { slopes in
          scale.withUnsafeBufferPointer { scale in
            for row in rows {
              let start = row &* channels
              let counts: Scalar = row % steps < lengths[row / steps] ? 1 : 0
              for column in 0..<channels {
                let index = start &+ column
                let common =
                  means[unchecked: column] + s[unchecked: index] * slopes[unchecked: column]
                output[unchecked: index] =
                  (g[unchecked: index] - counts * common) * scale[unchecked: column]
              }
            }
          }
        }
      }
    }
  }
}
