import Tensors
import Testing

@Suite("vector mathematics")
struct VectorMathTests {
  @Test("dot, norm, unit and cosine of vectors with a direction")
  func values() throws {
    #expect(VectorMath.dot([1, 2, 3] as [Float], [4, -5, 6]) == 12)
    #expect(VectorMath.dot([0.5, 2] as [Double], [3, 0.25]) == 2)
    #expect(VectorMath.norm([3, 4] as [Float]) == 5)
    #expect(VectorMath.unit([3, 4]) == [0.6, 0.8])
    #expect(VectorMath.unit([3, 4], arithmetic: Float.self) == [0.6, 0.8])
    #expect(VectorMath.doubleUnit([3, 4]) == [0.6, 0.8])
    #expect(VectorMath.cosine([2, 0], [3, 4]) == 0.6)
    #expect(VectorMath.cosine([1, 0], [-5, 0]) == -1)
  }

  @Test(
    "a vector without a direction has no unit vector and no cosine",
    arguments: [[0, 0], [.nan, 1], [.infinity, 1], [-.infinity, .infinity]] as [[Float]])
  func noDirection(vector: [Float]) {
    #expect(VectorMath.unit(vector) == nil)
    #expect(VectorMath.unit(vector, arithmetic: Float.self) == nil)
    #expect(VectorMath.doubleUnit(vector) == nil)
    #expect(VectorMath.cosine(vector, [1, 0]) == nil)
    #expect(VectorMath.cosine([1, 0], vector) == nil)
  }

  @Test("lengths far below and above 1 are no reason to have none")
  func extremes() throws {
    let small = try #require(VectorMath.unit([.leastNonzeroMagnitude, 0]))
    let large = try #require(VectorMath.unit([.greatestFiniteMagnitude, 0]))
    #expect(small == [1, 0] && large == [1, 0])
    // Squares that leave the range of `Float` leave its arithmetic without a length.
    #expect(VectorMath.unit([.greatestFiniteMagnitude, 0], arithmetic: Float.self) == nil)
  }
}
