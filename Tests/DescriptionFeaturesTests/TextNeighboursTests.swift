import DescriptionFeatures
import Foundation
import Tensors
import Testing

@Suite struct TextNeighboursTests {
  private let fixture: CacheFixture
  private let encoder = WordEncoder(dimension: 16)

  init() throws { fixture = try CacheFixture() }

  @Test("the nearest texts equal those of brute force, over several files")
  func theNearest() throws {
    let cache = try fixture.cache(encoder)
    let texts = (0..<60).map { ("v\($0)", "w\($0 % 7) w\($0 % 11) w\($0)") }
    _ = try cache.add(CacheFixture.whole(Array(texts[..<25])), encoder: encoder)
    _ = try cache.add(CacheFixture.whole(Array(texts[25...])), encoder: encoder)
    let query = try TextPooling(encoder: encoder).vector(of: "w3 w5 w80", owner: "")
    let found = try TextNeighbours(cache).nearest(to: query, count: 5)
    let expected = try cache.vectors().map { owner, vector in
      (owner, zip(vector, query).reduce(Float(0)) { $0 + $1.0 * $1.1 })
    }.sorted { $0.1 > $1.1 }.prefix(5)
    #expect(found.map(\.owners) == expected.map { [$0.0] })
    #expect(found.map(\.similarity) == expected.map(\.1))
  }

  @Test("owners of the same text are one neighbour, and unused vectors are not neighbours")
  func sharedAndUnused() throws {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(
      CacheFixture.whole([("a", "a fight"), ("b", "a fight"), ("c", "rain")]), encoder: encoder)
    _ = try cache.add(CacheFixture.whole([("c", "snow")]), encoder: encoder)
    let query = try TextPooling(encoder: encoder).vector(of: "a fight", owner: "")
    let found = try TextNeighbours(cache).nearest(to: query, count: 9)
    #expect(found.map(\.owners) == [["a", "b"], ["c"]])
    #expect(found.map(\.text) == ["a fight", "snow"])
  }
}
