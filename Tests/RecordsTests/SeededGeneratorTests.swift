import Records
import Testing

@Suite struct SeededGeneratorTests {
  @Test func theSameSeedAndPurposeGiveTheSameNumbers() {
    var one = SeededGenerator(seed: 7, purpose: "noise")
    var two = SeededGenerator(seed: 7, purpose: "noise")
    var other = SeededGenerator(seed: 7, purpose: "actors")
    let first = (0..<8).map { _ in one.next() }
    #expect(first == (0..<8).map { _ in two.next() })
    #expect(first != (0..<8).map { _ in other.next() })
  }

  @Test func uniformsFillTheUnitIntervalEvenly() {
    var generator = SeededGenerator(seed: 1)
    var bins = [Int](repeating: 0, count: 10)
    for _ in 0..<100_000 { bins[Int(generator.nextUniform() * 10)] += 1 }
    // Standard deviation of a bin is sqrt(100000 * 0.1 * 0.9) = 95.
    #expect(bins.allSatisfy { abs($0 - 10_000) < 500 })
  }

  @Test func normalsHaveMeanZeroAndVarianceOne() {
    var generator = SeededGenerator(seed: 2)
    let values = (0..<100_000).map { _ in generator.nextNormal() }
    let mean = values.reduce(0, +) / 100_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
    #expect(abs(mean) < 0.02)
    #expect(abs(variance - 1) < 0.03)
  }
}
