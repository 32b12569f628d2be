import Foundation
import Records
import TestSupport
import Testing
import Video

/// The clips of `Fixtures/` and what FFmpeg's own tools find in them.
struct VideoFixtures: Decodable {
  struct Expected: Decodable {
    var width: Int
    var height: Int
    var times: [Double?]
    var codec: String
    var sha256: String
    var first: [[Double]]
    var last: [[Double]]
  }
  var files: [String: Expected]

  static func load() throws -> VideoFixtures {
    try JSONDecoder().decode(
      VideoFixtures.self, from: Data(contentsOf: Golden.url("fixtures.json", in: "Fixtures")))
  }

  static func path(_ name: String) -> String { Golden.url(name, in: "Fixtures").path }

  static let names = [
    "animated.gif", "b-frames.mp4", "bt709-full.mp4", "bt709.mp4", "h264.mkv", "late-start.ts",
    "mpeg4.avi", "no-timestamps.h264", "odd-size.webm", "ten-bit.mp4", "turned-180.mp4",
    "turned-270.mp4", "turned-90.mp4", "variable-rate.mp4",
  ]
}

/// The mean colour of each cell of an 8 x 8 grid over a picture.
func colourGrid(_ image: RGBImage) -> [[Double]] {
  (0..<64).map { cell in
    let rows = image.height * (cell / 8) / 8..<image.height * (cell / 8 + 1) / 8
    let columns = image.width * (cell % 8) / 8..<image.width * (cell % 8 + 1) / 8
    return (0..<3).map { channel in
      var sum = 0
      for y in rows {
        for x in columns { sum += Int(image.pixels[(y * image.width + x) * 3 + channel]) }
      }
      return Double(sum) / Double(rows.count * columns.count)
    }
  }
}

/// The largest difference between two grids.
func gridDifference(_ a: [[Double]], _ b: [[Double]]) -> Double {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).map { pair in zip(pair.0, pair.1).map { abs($0 - $1) }.max() ?? .infinity }
    .max() ?? .infinity
}

/// SHA-256 of bytes, in hexadecimal.
func digest(_ bytes: [UInt8]) -> String {
  ContentHash.of(bytes)
}
