import Detectors
import Tensors
import Testing

@Suite struct SnippetSequenceTests {
  @Test("five snippets shortened to two average rows 0-1 and 2-4, as floor(linspace(0, 5, 3))")
  func shortens() {
    let rows = Tensor<Float>(shape: [5, 1], scalars: [1, 3, 5, 7, 12])
    #expect(SnippetSequence.shortened(rows, to: 2).scalars == [2, 8])
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
