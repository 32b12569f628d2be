import Foundation

/// One video's frame labels as ShanghaiTech publishes them: a NumPy array of one number per
/// frame, 0 for normal (`testing/test_frame_mask/01_0014.npy`).
///
/// Reads only such arrays: one dimension of booleans, integers or floats of either byte order,
/// in NumPy's format versions 1 to 3. (`Tensors.Npy` reads arrays of any shape, but its room
/// needs a matrix library.)
package struct FrameMaskFile: Equatable {
  package let frameCount: Int
  /// The runs of frames that are not 0, from 0, half-open.
  package let events: [Range<Int>]

  /// - Throws: `DatasetError.badMask` with the file and the finding.
  package init(contentsOf url: URL) throws {
    func refuse(_ found: String, _ expected: String = "a NumPy array of one number per frame")
      -> DatasetError
    {
      .badMask(file: url.path, found: found, expected: expected)
    }
    let bytes: [UInt8]
    do {
      bytes = try Array(Data(contentsOf: url))
    } catch {
      throw refuse("no such file, or an unreadable one")
    }
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    guard bytes.count >= 12, bytes.starts(with: magic), (1...3).contains(bytes[6]) else {
      throw refuse("no header of a .npy file of version 1 to 3")
    }
    // The header's length has two bytes in version 1, four later; little-endian.
    let textStart = bytes[6] == 1 ? 10 : 12
    let length = bytes[8..<textStart].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - textStart else { throw refuse("a file that ends in its header") }
    let text = String(decoding: bytes[textStart..<textStart + length], as: UTF8.self)
    guard let type = text.firstMatch(of: #/['"]descr['"]\s*:\s*['"]([^'"]*)['"]/#)?.1,
      let shape = text.firstMatch(of: #/['"]shape['"]\s*:\s*\(([0-9,\s]*)\)/#)?.1
    else { throw refuse("a header without element type and shape") }
    guard let element = Element(String(type)) else {
      throw refuse("elements of type '\(type)'", "booleans, integers or floats")
    }
    let extents = shape.split { !$0.isNumber }.compactMap { Int($0) }
    guard extents.count == 1, let count = extents.first else {
      throw refuse("an array of shape \(extents)", "one dimension, one number per frame")
    }
    let labels = bytes[(textStart + length)...]
    let (size, overflow) = count.multipliedReportingOverflow(by: element.byteCount)
    guard !overflow, labels.count == size else {
      throw refuse("\(labels.count) bytes of labels", "\(count) labels of type '\(type)'")
    }
    frameCount = count
    events = Self.runs(count) { frame in
      element.isNonzero(labels[(labels.startIndex + frame * element.byteCount)...])
    }
  }

  private static func runs(_ count: Int, where isMarked: (Int) -> Bool) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var begin: Int?
    for frame in 0..<count {
      if isMarked(frame) {
        begin = begin ?? frame
      } else if let first = begin {
        runs.append(first..<frame)
        begin = nil
      }
    }
    if let first = begin { runs.append(first..<count) }
    return runs
  }

  /// A NumPy element type such as `<f4` or `|u1`.
  private struct Element {
    let byteCount: Int
    /// The byte with a float's sign, which alone does not make a number nonzero.
    private let signByte: Int?

    init?(_ type: String) {
      guard let parts = type.wholeMatch(of: #/([<>|=])([biuf])([0-9]+)/#),
        let size = Int(parts.3), (parts.2 == "f" ? [2, 4, 8] : [1, 2, 4, 8]).contains(size),
        parts.2 != "b" || size == 1
      else { return nil }
      byteCount = size
      signByte = parts.2 == "f" ? (parts.1 == ">" ? 0 : size - 1) : nil
    }

    func isNonzero(_ bytes: ArraySlice<UInt8>) -> Bool {
      bytes.prefix(byteCount).enumerated().contains { place, byte in
        byte & (place == signByte ? 0x7F : 0xFF) != 0
      }
    }
  }
}
