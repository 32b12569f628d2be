import COneDNN
import Foundation

/// oneDNN's engine and C interface, with Swift errors.
enum OneDNN {
  /// The processor's engine; it lives as long as the process.
  struct Engine: @unchecked Sendable {
    // Engines are immutable and safe to share (oneDNN's documentation).
    var handle: dnnl_engine_t
  }

  static let engine: Result<Engine, TensorError> = Result {
    () throws(TensorError) in
    var handle: dnnl_engine_t?
    try check(dnnl_engine_create(&handle, dnnl_cpu, 0), "engine")
    guard let handle else { throw TensorError.library(name: "oneDNN", finding: "no engine") }
    return Engine(handle: handle)
  }

  /// Throws unless the status is success.
  static func check(_ status: dnnl_status_t, _ step: String) throws(TensorError) {
    guard status == dnnl_success else {
      throw TensorError.library(
        name: "oneDNN", finding: "\(step) failed with status \(status.rawValue)")
    }
  }

  /// The library's version, such as `2.6.3`.
  static var version: String {
    guard let version = dnnl_version()?.pointee else { return "unknown" }
    return "\(version.major).\(version.minor).\(version.patch)"
  }

  /// The layout of a dense or strided array.
  static func layout(
    _ extents: [Int], _ type: dnnl_data_type_t, strides: [Int]
  ) throws(TensorError) -> dnnl_memory_desc_t {
    var layout = dnnl_memory_desc_t()
    var status = dnnl_success
    let extents = extents.map { dnnl_dim_t($0) }
    let strides = strides.map { dnnl_dim_t($0) }
    extents.withUnsafeBufferPointer { extents in
      strides.withUnsafeBufferPointer { strides in
        status = dnnl_memory_desc_init_by_strides(
          &layout, Int32(extents.count), extents.baseAddress, type, strides.baseAddress)
      }
    }
    try check(status, "layout")
    return layout
  }

  /// A layout that the library chooses.
  static func anyLayout(_ extents: [Int], _ type: dnnl_data_type_t) throws(TensorError)
    -> dnnl_memory_desc_t
  {
    var layout = dnnl_memory_desc_t()
    var status = dnnl_success
    extents.map { dnnl_dim_t($0) }.withUnsafeBufferPointer { extents in
      status = dnnl_memory_desc_init_by_tag(
        &layout, Int32(extents.count), extents.baseAddress, type, dnnl_format_tag_any)
    }
    try check(status, "layout")
    return layout
  }

  /// Whether the processor has the features of the library's fast kernels; without them
  /// OpenBLAS is faster.
  static let isFast = CPUFeatures.current.has(.avx2)

  /// Below this many multiplications a second thread costs more than it saves.
  private static let leastSharedProducts = 1 << 25

  /// C ← alpha·op(A)·op(B) + beta·C, row-major, as cblas_sgemm.
  ///
  /// - Returns: false where the library does not support it; C is unchanged.
  static func multiply(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) -> Bool {
    guard isFast, m > 0, n > 0, k > 0 else { return false }
    // The encoders' workers keep settings of their own.
    let allowed = threads
    setThreads(m * n * k >= leastSharedProducts ? min(allowed, MatrixThreads.count) : 1)
    defer { setThreads(allowed) }
    let letters = (none: CChar(UInt8(ascii: "N")), transposed: CChar(UInt8(ascii: "T")))
    return dnnl_sgemm(
      transposeA ? letters.transposed : letters.none,
      transposeB ? letters.transposed : letters.none, dnnl_dim_t(m), dnnl_dim_t(n), dnnl_dim_t(k),
      alpha, a, dnnl_dim_t(lda), b, dnnl_dim_t(ldb), beta, c, dnnl_dim_t(ldc)) == dnnl_success
  }

  /// Sets how many OpenMP threads the calling thread's next executions use.
  ///
  /// The setting belongs to the calling thread, so that workers do not disturb each other.
  /// The function is looked up by name, because it belongs to the OpenMP runtime that
  /// the library was built with (GNU's on Debian), which no header of oneDNN names.
  static func setThreads(_ count: Int) { setThreadsFunction?(Int32(count)) }

  /// Runs `body` with so many threads for the calling thread's executions.
  static func withThreads<Result>(_ count: Int, _ body: () -> Result) -> Result {
    let before = threads
    setThreads(count)
    defer { setThreads(before) }
    return body()
  }

  /// How many threads the calling thread's next executions may use.
  private static var threads: Int { threadsFunction.map { Int($0()) } ?? MatrixThreads.count }

  private static let threadsFunction: (@convention(c) () -> Int32)? = {
    guard let symbol = dlsym(nil, "omp_get_max_threads") else { return nil }
    return unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)
  }()

  private static let setThreadsFunction: (@convention(c) (Int32) -> Void)? = {
    guard let symbol = dlsym(nil, "omp_set_num_threads") else { return nil }
    return unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)
  }()
}

/// The weights of a linear layer in the blocked layout that oneDNN prefers.
final class OneDNNWeights: @unchecked Sendable {
  // Unchecked because of the pointer; the memory is written in `init` only.

  let data: UnsafeMutableRawPointer
  let layout: OneDNNLayout

  /// The number of rows that the layout is chosen for: about one batch of pictures.
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
