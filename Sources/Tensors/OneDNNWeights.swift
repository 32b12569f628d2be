import COneDNN

/// The weights of a linear layer in the blocked layout that oneDNN's product prefers.
final class OneDNNWeights: @unchecked Sendable {
  // Unchecked because of the pointer; the memory is written in `init` only.

  let data: UnsafeMutableRawPointer
  let layout: OneDNNLayout

  /// How many rows the layout is chosen for: about one batch of pictures.
  static let typicalRows = 256

  /// - Parameters:
  ///   - source: [outputs, inputs], row-major, of the type `element`.
  ///   - product: The shape of the product at `typicalRows` rows.
  init(
    _ source: UnsafeRawPointer, _ element: OneDNNProduct.Shape.Element,
    for product: OneDNNProduct.Shape
  ) throws {
    let chosen = try OneDNNProduct.product(product).right
    layout = OneDNNLayout(descriptor: chosen)
    var blocked = chosen
    // [inputs, outputs] for the library: the same memory with exchanged strides.
    var plain = try OneDNN.layout(
      [product.inner, product.columns], element.type, strides: [1, product.inner])
    data = .allocate(byteCount: dnnl_memory_desc_get_size(&blocked), alignment: 64)
    do {
      let engine = try OneDNN.engine.get().handle
      var plan: dnnl_primitive_desc_t?
      try OneDNN.check(
        dnnl_reorder_primitive_desc_create(&plan, &plain, engine, &blocked, engine, nil),
        "packing plan")
      defer { dnnl_primitive_desc_destroy(plan) }
      var primitive: dnnl_primitive_t?
      try OneDNN.check(dnnl_primitive_create(&primitive, plan), "packing")
      defer { dnnl_primitive_destroy(primitive) }
      var from: dnnl_memory_t?
      var to: dnnl_memory_t?
      // The library reads the source only.
      try OneDNN.check(
        dnnl_memory_create(&from, &plain, engine, UnsafeMutableRawPointer(mutating: source)),
        "memory")
      defer { dnnl_memory_destroy(from) }
      try OneDNN.check(dnnl_memory_create(&to, &blocked, engine, data), "memory")
      defer { dnnl_memory_destroy(to) }
      let workspace = LinearWorkspace(threads: 1)
      let arguments = [
        dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: from),
        dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: to),
      ]
      // The workspace owns the stream.
      try withExtendedLifetime(workspace) {
        let stream = try workspace.stream()
        try OneDNN.check(
          dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments),
          "packing")
        try OneDNN.check(dnnl_stream_wait(stream), "packing")
      }
    } catch {
      data.deallocate()
      throw error
    }
  }

  deinit { data.deallocate() }
}
