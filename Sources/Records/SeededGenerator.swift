import Foundation

/// xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64: the one
/// source of randomness, always passed in, the same on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  public init(seed: UInt64) {
    var mixer = seed
    func mixed() -> UInt64 {
      mixer &+= 0x9E37_79B9_7F4A_7C15
      var z = mixer
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (mixed(), mixed(), mixed(), mixed())
  }

  /// A generator for one named purpose under a seed. Streams of different names are
  /// independent: drawing more numbers from one does not change another.
  public init(seed: UInt64, purpose: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    self.init(seed: seed ^ hash)
  }

  /// The four words that decide every number to come: saved with a run that is to be
  /// resumed.
  public var words: [UInt64] {
    get { [state.0, state.1, state.2, state.3] }
    set {
      precondition(newValue.count == 4, "a generator's state has four words")
      state = (newValue[0], newValue[1], newValue[2], newValue[3])
    }
  }

  public mutating func next() -> UInt64 {
    func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotated(state.1 &* 5, 7) &* 9
    let t = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= t
    state.3 = rotated(state.3, 45)
    return result
  }

  /// Uniform in [0, 1), with 53 random bits.
  public mutating func nextUniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Uniform in a half-open range.
  public mutating func nextUniform(in range: Range<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * nextUniform()
  }

  /// Standard normal, by the Box-Muller transform (one of the pair).
  public mutating func nextNormal() -> Double {
    let radius = (-2 * Foundation.log(1 - nextUniform())).squareRoot()
    return radius * Foundation.cos(2 * .pi * nextUniform())
  }
}
