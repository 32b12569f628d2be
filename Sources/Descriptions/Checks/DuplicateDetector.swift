import Foundation
import Synchronization

/// Detects nearly equal descriptions of different videos. They are the sign of a server that
/// does not see the images, which no single answer shows.
///
/// Descriptions are compared by the share of the three-word runs that they have in common,
/// estimated from 32 minimum hashes (MinHash). Memory is about 150 bytes per description.
package final class DuplicateDetector: Sendable {
  /// Two descriptions with at least this estimated share are near-duplicates.
  static let leastShare = 0.8
  /// A group raises an alarm if it has this many descriptions and this share of all.
  static let alarmCount = 5
  static let alarmShare = 0.02

  private static let minima = 32
  /// Only descriptions that share one band of minima are compared.
  private static let bandLength = 4
  /// A description is compared with at most this many others per band, so that a thousand
  /// equal descriptions are not all compared with each other.
  private static let mostCompared = 32

  private struct State {
    var signatures: [[UInt32]] = []
    /// The parents in a union-find forest: each group is a tree.
    var parents: [Int] = []
    /// The sizes of the groups, valid at the roots.
    var sizes: [Int] = []
    var bands: [UInt64: [Int]] = [:]
    var alarmed: Set<Int> = []

    mutating func root(of index: Int) -> Int {
      var index = index
      while parents[index] != index {
        parents[index] = parents[parents[index]]
        index = parents[index]
      }
      return index
    }

    mutating func join(_ one: Int, _ other: Int) {
      let (first, second) = (root(of: one), root(of: other))
      guard first != second else { return }
      let (large, small) = sizes[first] >= sizes[second] ? (first, second) : (second, first)
      parents[small] = large
      sizes[large] += sizes[small]
      if alarmed.contains(small) { alarmed.insert(large) }
    }
  }
  private let state = Mutex(State())

  /// The result of comparing a description with those before it.
  package struct Verdict: Sendable, Equatable {
    /// The number of nearly equal descriptions, this one included.
    package let groupSize: Int
    /// Whether the group has just become large enough for an alarm.
    package let isAlarm: Bool
  }

  package init() {}

  /// Adds a description of frames that had none before.
  package func insert(_ text: String) -> Verdict {
    let signature = Self.signature(of: text)
    let bands = Self.bands(of: signature)
    return state.withLock { state in
      let index = state.signatures.count
      state.signatures.append(signature)
      state.parents.append(index)
      state.sizes.append(1)
      for band in bands {
        for other in state.bands[band] ?? []
        where Self.share(state.signatures[other], signature) >= Self.leastShare {
          state.join(other, index)
        }
        if state.bands[band, default: []].count < Self.mostCompared {
          state.bands[band, default: []].append(index)
        }
      }
      let group = state.root(of: index)
      let size = state.sizes[group]
      let isAlarm =
        size >= Self.alarmCount
        && Double(size) >= Self.alarmShare * Double(state.signatures.count)
        && state.alarmed.insert(group).inserted
      return Verdict(groupSize: size, isAlarm: isAlarm)
    }
  }

  /// The size of each description's group, in the order of insertion, and the sizes of all
  /// groups. Neither depends on that order, except for texts with more than `mostCompared`
  /// others in each of their bands.
  package var groupSizes: (ofEach: [Int], ofAll: [Int]) {
    state.withLock { state in
      let roots = state.parents.indices.map { state.root(of: $0) }
      return (roots.map { state.sizes[$0] }, Set(roots).map { state.sizes[$0] })
    }
  }

  private static func signature(of text: String) -> [UInt32] {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    let runs =
      words.count < 3
      ? [words.joined(separator: " ")]
      : (0...(words.count - 3)).map { words[$0..<($0 + 3)].joined(separator: " ") }
    var minima = [UInt32](repeating: .max, count: minima)
    for run in runs {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in run.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      for place in minima.indices {
        // Each odd factor orders the hashes in another way.
        let factor = UInt64(place) &* 0x9e37_79b9_7f4a_7c15 | 1
        let mixed = (hash ^ (hash >> 29)) &* factor
        minima[place] = min(minima[place], UInt32(truncatingIfNeeded: mixed >> 32))
      }
    }
    return minima
  }

  private static func bands(of signature: [UInt32]) -> [UInt64] {
    stride(from: 0, to: signature.count, by: bandLength).map { start in
      signature[start..<(start + bandLength)].reduce(UInt64(start)) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01b3
      }
    }
  }

  private static func share(_ one: [UInt32], _ other: [UInt32]) -> Double {
    Double(zip(one, other).count { $0 == $1 }) / Double(one.count)
  }
}
