import COneDNN

/// The memory of one worker for its linear layers. It grows to the largest need and is
/// freed with the object. One thread may use it at a time.
package final class LinearWorkspace {
  private var scratchMemory = GrowingMemory()
  private var inputMemory = GrowingMemory()
  private var productMemory = GrowingMemory()
  private var rowMemory = GrowingMemory()
  private var openStream: dnnl_stream_t?

  /// - Parameter threads: How many threads one product may use.
  package init(threads: Int) { OneDNN.setThreads(threads) }

  deinit {
    if let openStream { dnnl_stream_destroy(openStream) }
  }

  func stream() throws -> dnnl_stream_t {
    if let openStream { return openStream }
    var stream: dnnl_stream_t?
    try OneDNN.check(
      dnnl_stream_create(
        &stream, try OneDNN.engine.get().handle, UInt32(dnnl_stream_default_flags.rawValue)),
      "stream")
    guard let stream else { throw TensorError.library(name: "oneDNN", finding: "no stream") }
    openStream = stream
    return stream
  }

  func scratch(bytes: Int) -> UnsafeMutableRawPointer { scratchMemory.grown(to: bytes) }

  /// Converted inputs.
  func input<Element>(_ count: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
    inputMemory.grown(to: count * MemoryLayout<Element>.stride)
      .bindMemory(to: type, capacity: count)
  }

  /// Products that a later pass finishes.
  func products(_ count: Int) -> UnsafeMutablePointer<Float> {
    productMemory.grown(to: count * 4).bindMemory(to: Float.self, capacity: count)
  }

  /// One scale and one zero point per row.
  func rowScales(_ rows: Int) -> (
    scale: UnsafeMutablePointer<Float>, zero: UnsafeMutablePointer<Float>
  ) {
    let memory = rowMemory.grown(to: rows * 8).bindMemory(to: Float.self, capacity: 2 * rows)
    return (memory, memory + rows)
  }
}

/// A block of memory that is replaced by a larger one when it is too small; its content
/// is lost then.
final class GrowingMemory {
  private var memory: UnsafeMutableRawPointer?
  private var bytes = 0

  deinit { memory?.deallocate() }

  func grown(to wanted: Int) -> UnsafeMutableRawPointer {
    if let memory, bytes >= wanted { return memory }
    memory?.deallocate()
    bytes = max(wanted, 64)
    // A cache line, which the vector kernels load fastest.
    let larger = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    memory = larger
    return larger
  }
}
