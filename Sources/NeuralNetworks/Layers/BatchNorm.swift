import Tensors

/// Batch normalisation of each channel over the snippets of all videos (Ioffe and Szegedy,
/// 2015), with the numbers and names of `torch.nn.BatchNorm1d`.
///
/// `weight` and `bias` [C] start at 1 and 0. The running statistics are buffers: a training
/// pass stages momentum 0.1 of the batch's, with the unbiased variance, and
/// `Module.commitBuffers` takes them over.
public struct BatchNorm<Scalar: TensorScalar>: Module {
  /// What the layer normalises by.
  public enum Statistics: Sendable {
    /// Mean and biased variance of the batch: training.
    case batch
    /// The running ones: scoring.
    case running
  }

  public let weight, bias: Variable<Scalar>
  let runningMean, runningVariance, batchesTracked: Buffer<Scalar>
  let epsilon: Double
  private let momentum: Scalar = 0.1

  /// - Parameter epsilon: what is added to the variance.
  public init(_ channels: Int, epsilon: Double = 1e-5) {
    weight = Variable(Tensor(shape: [channels], repeating: 1), requiresGradient: true)
    bias = Variable(Tensor(shape: [channels], repeating: 0), requiresGradient: true)
    runningMean = Buffer(Tensor(shape: [channels], repeating: 0))
    runningVariance = Buffer(Tensor(shape: [channels], repeating: 1))
    batchesTracked = Buffer(Tensor(shape: [], scalars: [0]))
    self.epsilon = epsilon
  }

  /// [B, T, C] to [B, T, C]; every row is normalised.
  ///
  /// Differs from PyTorch, which refuses a batch of one row: it has no variance, so it is
  /// normalised by the running statistics and leaves them as they are.
  ///
  /// - Parameter lengths: how many rows of each sequence count in the batch's statistics.
  public func callAsFunction(_ x: Variable<Scalar>, lengths: [Int], statistics: Statistics)
    -> Variable<Scalar>
  {
    guard statistics == .batch, lengths.reduce(0, +) > 1 else {
      return x.channelNormalized(
        by: ChannelStatistics(
          means: runningMean.value.scalars.map { Double($0) },
          variances: runningVariance.value.scalars.map { Double($0) }),
        weight: weight, bias: bias, epsilon: epsilon)
    }
    let own = ChannelStatistics(of: x.value, lengths: lengths)
    stage(own)
    return x.channelNormalized(by: own, weight: weight, bias: bias, epsilon: epsilon)
  }

  private func stage(_ own: ChannelStatistics) {
    func moved(_ buffer: Buffer<Scalar>, to new: [Double]) {
      buffer.stage(
        Tensor(
          shape: buffer.value.shape,
          scalars: zip(buffer.value.scalars, new).map {
            $0 * (1 - momentum) + Scalar($1) * momentum
          }))
    }
    moved(runningMean, to: own.means)
    moved(runningVariance, to: own.unbiasedVariances)
    batchesTracked.stage(Tensor(shape: [], scalars: [batchesTracked.value.scalars[0] + 1]))
  }

  public var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("weight", weight), ("bias", bias)]
  }

  public var ownBuffers: [(name: String, buffer: Buffer<Scalar>)] {
    [
      ("running_mean", runningMean), ("running_var", runningVariance),
      ("num_batches_tracked", batchesTracked),
    ]
  }
}
