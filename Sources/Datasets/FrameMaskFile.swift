import Foundation
import Tensors

/// One video's frame labels as ShanghaiTech publishes them: a NumPy array of one
/// number a frame, 0 for normal (`testing/test_frame_mask/01_0014.npy`).
struct FrameMaskFile: Equatable {
  let frameCount: Int
  /// Runs of frames that are not 0, from 0, half-open.
  let events: [Range<Int>]

  /// - Throws: `TensorError` for what is no array of numbers, `DatasetError.badMask` for
  ///   one of another shape.
  init(contentsOf url: URL) throws {
    let array = try Npy.read(url)
    guard array.rank == 1 else {
      throw DatasetError.badMask(
        file: url.path, found: "an array of shape \(array.shape)",
        expected: "one dimension, a number a frame")
    }
    frameCount = array.extent(0)
    var events: [Range<Int>] = []
    var begin: Int?
    for (frame, value) in array.scalars.enumerated() {
      if value != 0 {
        begin = begin ?? frame
      } else if let first = begin {
        events.append(first..<frame)
        begin = nil
      }
    }
    if let first = begin { events.append(first..<frameCount) }
    self.events = events
  }
}
