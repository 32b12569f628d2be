import Foundation

/// What follows the first JPEG picture of a file.
enum JPEGStream {
  /// Another picture: Motion JPEG without a container, as cameras send it.
  case pictures
  /// A further view of a photograph (CIPA DC-007, in APP2).
  case views
  /// Nothing that is known. A thumbnail lies inside the picture.
  case nothing

  init(_ path: String) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    else {
      self = .nothing
      return
    }
    self = data.withUnsafeBytes { bytes in
      var hasViews = false
      guard let end = Self.endOfPicture(in: bytes, hasViews: &hasViews) else {
        return hasViews ? .views : .nothing
      }
      return end + 2 < bytes.count && bytes[end] == 0xFF && bytes[end + 1] == 0xD8
        && bytes[end + 2] == 0xFF ? .pictures : .nothing
    }
  }

  /// The place after the first picture; nil if it has no end, or the file holds views.
  private static func endOfPicture(
    in bytes: UnsafeRawBufferPointer, hasViews: inout Bool
  ) -> Int? {
    var place = 2
    while place + 3 < bytes.count {
      guard bytes[place] == 0xFF else { return nil }
      let marker = bytes[place + 1]
      switch marker {
      case 0xFF: place += 1
      case 0xD9: return place + 2
      case 0xDA:
        place += 2 + length(at: place + 2, in: bytes)
        // Entropy-coded data: FF stands before 00 or a restart marker there.
        while place + 1 < bytes.count,
          bytes[place] != 0xFF || bytes[place + 1] == 0
            || (0xD0...0xD7).contains(bytes[place + 1])
        {
          place += 1
        }
      case 0x01, 0xD0...0xD8: place += 2
      default:
        if marker == 0xE2, place + 7 < bytes.count,
          bytes[place + 4..<place + 7].elementsEqual("MPF".utf8)
        {
          hasViews = true
          return nil
        }
        place += 2 + length(at: place + 2, in: bytes)
      }
    }
    return place + 1 < bytes.count && bytes[place] == 0xFF && bytes[place + 1] == 0xD9
      ? place + 2 : nil
  }

  private static func length(at place: Int, in bytes: UnsafeRawBufferPointer) -> Int {
    place + 1 < bytes.count ? Int(bytes[place]) << 8 | Int(bytes[place + 1]) : 0
  }
}
