/// H.264's recovery point message (ITU-T H.264, D.1.8), which opens an open group of
/// pictures.
enum RecoveryPoint {
  /// Whether a supplemental information unit says that from its very picture on, in
  /// display order, all pictures are exact.
  static func isImmediate(in unit: UnsafeBufferPointer<UInt8>) -> Bool {
    var bytes = Payload(unit)
    while let type = bytes.number(), let size = bytes.number() {
      if type == 6 {
        // recovery_frame_cnt as Exp-Golomb, 0 being one set bit; exact_match_flag.
        return bytes.next().map { $0 & 0xC0 == 0xC0 } ?? false
      }
      for _ in 0..<size where bytes.next() == nil { return false }
    }
    return false
  }

  /// The bytes after the unit's header, emulation prevention taken out.
  private struct Payload {
    let unit: UnsafeBufferPointer<UInt8>
    var place = 1
    var zeros = 0

    init(_ unit: UnsafeBufferPointer<UInt8>) { self.unit = unit }

    mutating func next() -> UInt8? {
      if zeros >= 2, place < unit.count, unit[place] == 3 {
        place += 1
        zeros = 0
      }
      guard place < unit.count else { return nil }
      let byte = unit[place]
      place += 1
      zeros = byte == 0 ? zeros + 1 : 0
      return byte
    }

    /// A number in bytes of 255 and a last one.
    mutating func number() -> Int? {
      var sum = 0
      while let byte = next() {
        sum += Int(byte)
        if byte < 255 { return sum }
      }
      return nil
    }
  }
}
