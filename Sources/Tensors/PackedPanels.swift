import CKernels

/// The weights of a linear layer as our kernels read them: panels of words.
final class PackedPanels: @unchecked Sendable {
  // Unchecked because of the pointer; the memory is written in `init` only.

  /// The words that a row of inputs takes.
  let words: Int
  let outputs: Int
  let address: UnsafeMutablePointer<UInt32>

  /// - Parameter fill: gets the memory and packs the weights into it.
  init(words: Int, outputs: Int, fill: (UnsafeMutablePointer<UInt32>) -> Void) {
    self.words = words
    self.outputs = outputs
    let count = kess_panel_words(words, outputs)
    address = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
      .bindMemory(to: UInt32.self, capacity: count)
    fill(address)
  }

  deinit { address.deallocate() }
}
