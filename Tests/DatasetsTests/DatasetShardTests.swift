import Datasets
import Testing

@Suite struct DatasetShardTests {
  @Test func `every video is in exactly one of n parts, about as many in each`() throws {
    let ids = (0..<1000).map { "Fighting\($0)_x264" }
    for count in [1, 2, 3, 7] {
      let shards = try (1...count).map { try #require(DatasetShard(number: $0, of: count)) }
      for id in ids { #expect(shards.count { $0.contains(id) } == 1) }
      let sizes = shards.map { shard in ids.count { shard.contains($0) } }
      #expect(sizes.allSatisfy { abs($0 - 1000 / count) < 100 }, "\(sizes)")
    }
  }

  /// SHA-256 begins with 2c26b46b68ffc68 for "foo" and fcde2b2edba56bf for "bar": the
  /// first is even, the second odd.
  @Test func `the part is the hash's first 60 bits modulo n, on every machine`() throws {
    #expect(try #require(DatasetShard("1/2")).contains("foo"))
    #expect(try #require(DatasetShard("2/2")).contains("bar"))
  }

  @Test(arguments: ["", "1", "0/2", "3/2", "1/0", "1/2/3", "a/b", "-1/2", "1/ 2"])
  func `what is no part is refused`(text: String) {
    #expect(DatasetShard(text) == nil)
  }
}
