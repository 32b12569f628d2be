import COneDNN
import Synchronization

/// One compiled matrix product of oneDNN: extents, types, layouts and finish. Weights and
/// inputs are parameters of each execution, so that all layers of one shape share it.
///
/// Several threads may execute it at once: the scratch memory is the caller's.
final class OneDNNProduct: @unchecked Sendable {
  // Unchecked because the handles are C pointers; a primitive is immutable.

  /// The properties in which products differ.
  struct Shape: Hashable, Sendable {
    enum Element: Sendable {
      case f32, bf16, u8, s8

      var type: dnnl_data_type_t {
        switch self {
        case .f32: dnnl_f32
        case .bf16: dnnl_bf16
        case .u8: dnnl_u8
        case .s8: dnnl_s8
        }
      }
    }
    enum Finish: Hashable, Sendable {
      case none, bias, residual
      case activation(RowActivation)
    }

    /// Extents and strides of [rows, inner] by [inner, columns], each preceded by a batch
    /// extent where `batch` is not nil. Nil strides of the right side leave
    /// its layout to the library.
    var batch: Int?
    var rows: Int
    var inner: Int
    var columns: Int
    var left: Element
    var right: Element
    var leftStrides: [Int]
    var rightStrides: [Int]?
    var outputStrides: [Int]
    var finish: Finish = .none
  }

  let scratchBytes: Int
  private let shape: Shape
  private let primitive: dnnl_primitive_t
  private let left: dnnl_memory_desc_t
  let right: dnnl_memory_desc_t
  private let output: dnnl_memory_desc_t
  private let bias: dnnl_memory_desc_t?
  private let scratch: dnnl_memory_desc_t

  private static let compiled = Mutex<[Key: OneDNNProduct]>([:])
  /// More shapes than one model has; it bounds a run over texts of many lengths.
  private static let mostCompiled = 512

  private struct Key: Hashable {
    var shape: Shape
    /// The blocked layout of the right side; nil lets the library choose.
    var layout: OneDNNLayout?
  }

  /// The product of a shape, compiled at its first use.
  ///
  /// - Parameter layout: The layout that the weights already have.
  static func product(_ shape: Shape, layout: OneDNNLayout? = nil) throws -> OneDNNProduct {
    let key = Key(shape: shape, layout: layout)
    return try compiled.withLock { compiled in
      if let product = compiled[key] { return product }
      let product = try OneDNNProduct(shape, layout)
      if compiled.count >= mostCompiled { compiled.removeAll() }
      compiled[key] = product
      return product
    }
  }

  private init(_ shape: Shape, _ chosen: OneDNNLayout?) throws {
    self.shape = shape
    let lead = shape.batch.map { [$0] } ?? []
    left = try OneDNN.layout(
      lead + [shape.rows, shape.inner], shape.left.type, strides: shape.leftStrides)
    output = try OneDNN.layout(
      lead + [shape.rows, shape.columns], dnnl_f32, strides: shape.outputStrides)
    var wanted: dnnl_memory_desc_t
    if let chosen {
      wanted = chosen.descriptor
    } else if let strides = shape.rightStrides {
      wanted = try OneDNN.layout(
        lead + [shape.inner, shape.columns], shape.right.type, strides: strides)
    } else {
      wanted = try OneDNN.anyLayout(lead + [shape.inner, shape.columns], shape.right.type)
    }
    bias =
      shape.finish == .none
      ? nil : try OneDNN.layout([1, shape.columns], dnnl_f32, strides: [shape.columns, 1])

    var attributes: dnnl_primitive_attr_t?
    try OneDNN.check(dnnl_primitive_attr_create(&attributes), "attributes")
    defer { dnnl_primitive_attr_destroy(attributes) }
    try OneDNN.check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "scratch")
    var steps: dnnl_post_ops_t?
    try OneDNN.check(dnnl_post_ops_create(&steps), "post-ops")
    defer { dnnl_post_ops_destroy(steps) }
    switch shape.finish {
    case .none, .bias: break
    case .residual: try OneDNN.check(dnnl_post_ops_append_sum(steps, 1), "sum")
    case .activation(let activation):
      let (kind, alpha): (dnnl_alg_kind_t, Float) =
        switch activation {
        case .quickGELU: (dnnl_eltwise_swish, 1.702)
        case .gelu: (dnnl_eltwise_gelu_erf, 0)
        case .relu: (dnnl_eltwise_relu, 0)
        }
      try OneDNN.check(dnnl_post_ops_append_eltwise(steps, 1, kind, alpha, 0), "activation")
    }
    try OneDNN.check(dnnl_primitive_attr_set_post_ops(attributes, steps), "post-ops")

    var description = dnnl_matmul_desc_t()
    var left = self.left
    var output = self.output
    if var bias {
      try OneDNN.check(
        dnnl_matmul_desc_init(&description, &left, &wanted, &bias, &output), "product")
    } else {
      try OneDNN.check(
        dnnl_matmul_desc_init(&description, &left, &wanted, nil, &output), "product")
    }
    let engine = try OneDNN.engine.get().handle
    var plan: dnnl_primitive_desc_t?
    try OneDNN.check(
      dnnl_primitive_desc_create(&plan, &description, attributes, engine, nil),
      "plan of \(shape)")
    defer { dnnl_primitive_desc_destroy(plan) }
    guard let packed = dnnl_primitive_desc_query_md(plan, dnnl_query_weights_md, 0)?.pointee,
      let scratch = dnnl_primitive_desc_query_md(plan, dnnl_query_scratchpad_md, 0)?.pointee
    else { throw TensorError.library(name: "oneDNN", finding: "a plan without layouts") }
    right = packed
    self.scratch = scratch
    scratchBytes = withUnsafePointer(to: scratch) { dnnl_memory_desc_get_size($0) }
    var primitive: dnnl_primitive_t?
    try OneDNN.check(dnnl_primitive_create(&primitive, plan), "compilation of \(shape)")
    guard let primitive else {
      throw TensorError.library(name: "oneDNN", finding: "no primitive")
    }
    self.primitive = primitive
  }

  deinit { dnnl_primitive_destroy(primitive) }

  /// Computes one product on the calling thread and the OpenMP threads that
  /// `OneDNN.setThreads` allows.
  ///
  /// - Parameters:
  ///   - bias: Needed unless the finish is `.none`.
  func execute(
    left: UnsafeRawPointer, right: UnsafeRawPointer, bias: UnsafePointer<Float>?,
    into output: UnsafeMutablePointer<Float>, workspace: LinearWorkspace
  ) throws {
    let engine = try OneDNN.engine.get().handle
    var arguments: [dnnl_exec_arg_t] = []
    arguments.reserveCapacity(5)
    defer { for argument in arguments { dnnl_memory_destroy(argument.memory) } }
    func add(_ role: Int32, _ layout: dnnl_memory_desc_t, _ data: UnsafeMutableRawPointer) throws {
      var layout = layout
      var memory: dnnl_memory_t?
      try OneDNN.check(dnnl_memory_create(&memory, &layout, engine, data), "memory")
      arguments.append(dnnl_exec_arg_t(arg: role, memory: memory))
    }
    // The library reads these two only.
    try add(DNNL_ARG_SRC, self.left, UnsafeMutableRawPointer(mutating: left))
    try add(DNNL_ARG_WEIGHTS, self.right, UnsafeMutableRawPointer(mutating: right))
    try add(DNNL_ARG_DST, self.output, UnsafeMutableRawPointer(output))
    if let layout = self.bias {
      guard let bias else { preconditionFailure("a product with a bias got none") }
      try add(DNNL_ARG_BIAS, layout, UnsafeMutableRawPointer(mutating: bias))
    }
    if scratchBytes > 0 {
      try add(DNNL_ARG_SCRATCHPAD, scratch, workspace.scratch(bytes: scratchBytes))
    }
    // The workspace owns the stream.
    try withExtendedLifetime(workspace) {
      let stream = try workspace.stream()
      try OneDNN.check(
        dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments), "product")
      try OneDNN.check(dnnl_stream_wait(stream), "product")
    }
  }
}

/// A memory layout that can be compared.
struct OneDNNLayout: Hashable, @unchecked Sendable {
  // Unchecked: the descriptor is plain numbers.
  let descriptor: dnnl_memory_desc_t

  static func == (one: OneDNNLayout, other: OneDNNLayout) -> Bool {
    withUnsafePointer(to: one.descriptor) { one in
      withUnsafePointer(to: other.descriptor) { dnnl_memory_desc_equal(one, $0) != 0 }
    }
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(withUnsafePointer(to: descriptor) { dnnl_memory_desc_get_size($0) })
  }
}
