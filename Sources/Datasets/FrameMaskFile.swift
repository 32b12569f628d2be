import Foundation

/// One video's frame labels as ShanghaiTech publishes them: a NumPy array of one
/// number a frame, 0 for normal (`testing/test_frame_mask/01_0014.npy`).
struct FrameMaskFile: Equatable {
  let frameCount: Int
  /// Runs of frames that are not 0, from 0, half-open.
  let events: [Range<Int>]

  private static let expected =
    "a NumPy array (version 1 to 3, C order) of one dimension, of |i1, |u1, |b1, <i4, <i8, <f4 or <f8"

  /// Reads the `.npy` format of numpy.lib.format; `file` is named in errors.
  ///
  /// - Throws: `DatasetError.badMask`.
  init(_ data: Data, file: String) throws {
    let bytes = [UInt8](data)
    func refuse(_ found: String) -> DatasetError {
      .badMask(file: file, found: found, expected: Self.expected)
    }
    guard bytes.count >= 12, Array(bytes[0..<6]) == [0x93] + Array("NUMPY".utf8) else {
      throw refuse("\(bytes.count) bytes that are no NumPy array")
    }
    let lengthBytes = bytes[6] == 1 ? 2 : 4
    let length = bytes[8..<8 + lengthBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + lengthBytes + length
    guard start <= bytes.count else { throw refuse("a header that ends behind the file") }
    let header = String(decoding: bytes[(8 + lengthBytes)..<start], as: UTF8.self)
    guard let type = header.firstMatch(of: #/'descr':\s*'([^']+)'/#)?.1,
      let shape = header.firstMatch(of: #/'shape':\s*\(([0-9]+),?\)/#)?.1,
      let count = Int(shape), !header.contains("'fortran_order': True")
    else { throw refuse("the header \(header.trimmingCharacters(in: .whitespacesAndNewlines))") }
    let sizes = ["|i1": 1, "|u1": 1, "|b1": 1, "<i4": 4, "<i8": 8, "<f4": 4, "<f8": 8]
    guard let size = sizes[String(type)] else { throw refuse("numbers of type \(type)") }
    guard bytes.count - start == count * size else {
      throw refuse("\(bytes.count - start) bytes for \(count) numbers of type \(type)")
    }
    frameCount = count
    var events: [Range<Int>] = []
    var begin: Int?
    for frame in 0..<count {
      let place = start + frame * size
      // Zero is zero bits in all these types; minus zero has the last bit only.
      var isSet = bytes[place..<place + size].contains { $0 != 0 }
      if type.hasPrefix("<f"), isSet {
        isSet =
          bytes[place..<place + size - 1].contains { $0 != 0 }
          || bytes[place + size - 1] & 0x7F != 0
      }
      if isSet { begin = begin ?? frame }
      if !isSet, let first = begin {
        events.append(first..<frame)
        begin = nil
      }
    }
    if let first = begin { events.append(first..<count) }
    self.events = events
  }
}
