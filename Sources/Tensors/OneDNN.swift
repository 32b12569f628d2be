import COneDNN
import Foundation

/// oneDNN's engine, and what its C interface takes turned into Swift errors.
enum OneDNN {
  /// The processor's engine; lives as long as the process.
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

  /// Throws what is not success.
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

  /// Sets how many OpenMP threads the calling thread's next executions use.
  ///
  /// The setting belongs to the calling thread, so that workers do not disturb each
  /// other. Looked up because it belongs to the OpenMP runtime that the library
  /// was built with (GNU's on Debian), which no header of oneDNN names.
  static func setThreads(_ count: Int) { setThreadsFunction?(Int32(count)) }

  private static let setThreadsFunction: (@convention(c) (Int32) -> Void)? = {
    guard let symbol = dlsym(nil, "omp_set_num_threads") else { return nil }
    return unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)
  }()
}
