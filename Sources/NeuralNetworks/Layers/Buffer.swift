import Tensors

/// Numbers that a layer keeps from step to step and that no gradient reaches, such as running
/// statistics.
///
/// A forward pass stages what the next step shall find, and only `commit` makes it the value:
/// a step that is measured, or that fails, leaves the buffer as it was.
public final class Buffer<Scalar: TensorScalar> {
  /// What the buffer holds.
  public private(set) var value: Tensor<Scalar>
  /// What `commit` makes the value; nil where no forward pass has left anything.
  public private(set) var staged: Tensor<Scalar>?

  public init(_ value: Tensor<Scalar>) { self.value = value }

  /// Replaces the value, as loading a checkpoint does, and forgets what was staged.
  ///
  /// - Precondition: the shape stays the same.
  public func assign(_ tensor: Tensor<Scalar>) {
    precondition(tensor.shape == value.shape, "cannot assign \(tensor.shape) to \(value.shape)")
    value = tensor
    staged = nil
  }

  /// Keeps what the value shall be once the step has succeeded.
  ///
  /// - Precondition: the shape stays the same.
  public func stage(_ next: Tensor<Scalar>) {
    precondition(next.shape == value.shape, "cannot stage \(next.shape) for \(value.shape)")
    staged = next
  }

  /// Takes over what was staged.
  public func commit() {
    if let staged { value = staged }
    staged = nil
  }

  /// Forgets what was staged.
  public func discard() { staged = nil }
}

extension Module {
  /// Every buffer with its key, in a fixed order.
  public var namedBuffers: [(name: String, buffer: Buffer<Scalar>)] { buffers(under: "") }

  private func buffers(under path: String) -> [(name: String, buffer: Buffer<Scalar>)] {
    ownBuffers.map { (name: path + $0.name, buffer: $0.buffer) }
      + parts.flatMap { part in
        part.module.buffers(under: part.name.isEmpty ? path : "\(path)\(part.name).")
      }
  }

  /// Every parameter, then every buffer: all that a checkpoint holds of a model.
  public var namedTensors: [(name: String, tensor: Tensor<Scalar>)] {
    namedParameters.map { ($0.name, $0.variable.value) }
      + namedBuffers.map { ($0.name, $0.buffer.value) }
  }

  /// The same without the numbers.
  public var namedShapes: [(name: String, shape: [Int])] {
    namedTensors.map { ($0.name, $0.tensor.shape) }
  }

  /// Makes what the last forward pass left in the buffers their values: to be called once a
  /// training step, after the optimizer's.
  public func commitBuffers() {
    for (_, buffer) in namedBuffers { buffer.commit() }
  }

  /// Forgets what forward passes left in the buffers.
  public func discardStagedBuffers() {
    for (_, buffer) in namedBuffers { buffer.discard() }
  }
}
