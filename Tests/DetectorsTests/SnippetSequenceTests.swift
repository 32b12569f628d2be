import Detectors
import Foundation
import Records
import Tensors
import TestSupport
import Testing

@Suite struct SnippetSequenceTests {
  @Test("five snippets shortened to two average rows 0-1 and 2-4, as floor(linspace(0, 5, 3))")
  func shortens() {
    let rows = Tensor<Float>(shape: [5, 1], scalars: [1, 3, 5, 7, 12])
    #expect(SnippetSequence.shortened(rows, to: 2).scalars == [2, 8])
  }

  @Test("the segments' bounds are NumPy's for every length up to 2000, the last row among them")
  func bounds() throws {
    struct Bounds: Decodable {
      var last: Int
      var sha256: [String: String]
    }
    let golden = try JSONDecoder().decode(
      Bounds.self, from: Data(contentsOf: Golden.url("snippet_bounds.json")))
    #expect(golden.sha256.count == 12)
    for (maximum, hash) in golden.sha256 {
      let maximum = try #require(Int(maximum))
      var all: [Int32] = []
      for count in 1...golden.last {
        all += SnippetSequence.bounds(count: count, maximum: maximum).map(Int32.init)
      }
      #expect(all.withUnsafeBytes { ContentHash.of(Data($0)) } == hash, "maximum \(maximum)")
    }
    let rows = Tensor<Float>(shape: [113, 1], scalars: (0..<113).map { $0 == 112 ? 1 : 0 })
    #expect(SnippetSequence.shortened(rows, to: 100).scalars.last == 0.5)
  }

  @Test("means are NumPy's to the bit, of single and of half precision")
  func means() throws {
    let rows = try Npy.read(Golden.url("snippet_rows.npy"))
    let half = try Npy.read(Golden.url("snippet_means_half.npy"))
    #expect(SnippetSequence.shortened(rows, to: 100, roundsToHalf: true) == half)
    let single = try Npy.read(Golden.url("snippet_means.npy"))
    #expect(SnippetSequence.shortened(rows, to: 100) == single && single != half)
  }

  @Test("a video as long as a piece is one piece, and a longer one ends in a short piece")
  func pieces() {
    #expect(SnippetSequence.pieces(count: 256, maximum: 256) == [0..<256])
    #expect(SnippetSequence.pieces(count: 513, maximum: 256) == [0..<256, 256..<512, 512..<513])
  }

  @Test("a batch is as long as its longest sequence and zero beyond each")
  func pads() {
    let a = Tensor<Float>(shape: [1, 2], scalars: [1, 2])
    let b = Tensor<Float>(shape: [2, 2], scalars: [3, 4, 5, 6])
    let (features, lengths) = SnippetSequence.padded([a, b])
    #expect(features == Tensor(shape: [2, 2, 2], scalars: [1, 2, 0, 0, 3, 4, 5, 6]))
    #expect(lengths == [1, 2])
  }
}
