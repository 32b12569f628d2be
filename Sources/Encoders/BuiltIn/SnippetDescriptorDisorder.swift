import Foundation

/// Local disorder of directions.
///
/// Where people walk or cars drive, neighbouring blocks move the same way for the whole
/// snippet; where people fight or fall, they do not. The figure is the entropy of the
/// directions of all displacements in a window of blocks and frames, weighted by their length.
/// It does not depend on how fast or how near something moves.
extension SnippetDescriptor {
  /// What a displacement counts in a histogram of directions.
  private enum Weight {
    case length
    case capped
    case one
  }

  /// `SnippetDescriptorLayout.disorder`.
  func disorder() -> [Float] {
    let fine = histograms(16, .length)
    let coarse = histograms(8, .length)
    var result: [Float] = []
    for radius in 1...3 {
      for parts in [coarse, fine] { result += figures(sum(parts[...]), radius: radius) }
    }
    for weight in [Weight.one, .capped] {
      for bins in [8, 16] {
        result += figures(sum(histograms(bins, weight)[...]), radius: 1)
      }
    }
    for (parts, radius) in [(fine, 1), (coarse, 2)] {
      let halves = [sum(parts[0..<2]), sum(parts[2..<4])]
      for windows in [halves, parts] {
        let each = windows.map { figures($0, radius: radius, share: Float(windows.count)) }
        for pick in [{ max($0, $1) }, { min($0, $1) }] as [(Float, Float) -> Float] {
          result += each[0].indices.map { place in
            each.dropFirst().reduce(each[0][place]) { pick($0, $1[place]) }
          }
        }
      }
    }
    return result
  }

  /// Histograms of directions, [quarter of the snippet][bin][block], per 16 frames.
  private func histograms(_ bins: Int, _ weight: Weight) -> [[Float]] {
    let size = grid.count
    let scale = 16 / Float(fields.count)
    var parts = [[Float]](repeating: [Float](repeating: 0, count: bins * size), count: 4)
    for field in fields.indices {
      let quarter = field * 4 / fields.count
      let (speed, turn) = (speeds[field], turns[field])
      for block in 0..<size where speed[block] > 0 {
        let bin = DirectionEntropy.bin(turn: turn[block], of: bins)
        let place = bin &* size &+ block
        switch weight {
        case .length: parts[quarter][place] += scale * speed[block]
        case .capped: parts[quarter][place] += scale * min(speed[block], 1.5)
        case .one: if speed[block] > 0.2 { parts[quarter][place] += scale }
        }
      }
    }
    return parts
  }

  private func sum(_ parts: ArraySlice<[Float]>) -> [Float] {
    var total = parts[parts.startIndex]
    for part in parts.dropFirst() {
      for place in total.indices { total[place] += part[place] }
    }
    return total
  }

  /// The entropy around each block (0 for one direction, 1 for all alike), as six figures:
  /// mean over the most moving fifth, thirtieth and tenth of the blocks, mean weighted by
  /// motion, its greatest twentieth, and the greatest disordered motion.
  private func figures(_ histogram: [Float], radius: Int, share: Float = 1) -> [Float] {
    let bins = histogram.count / grid.count
    let (entropy, total) = DirectionEntropy.ofBlocks(
      histogram, bins: bins, radius: radius, share: share, grid: grid)
    let order = total.indices.sorted {
      total[$0] == total[$1] ? $0 < $1 : total[$0] > total[$1]
    }
    func mean(_ divisor: Int) -> Float {
      let part = grid.part(divisor)
      return order[0..<part].reduce(0) { $0 + entropy[$1] } / Float(part)
    }
    func weighted(_ blocks: ArraySlice<Int>, _ floor: Float) -> Float {
      let sums = blocks.reduce((Float(0), Float(0))) {
        ($0.0 + entropy[$1] * total[$1], $0.1 + total[$1])
      }
      return sums.0 / (sums.1 + floor)
    }
    let greatest = total.indices.reduce(Float(0)) { max($0, entropy[$1] * total[$1]) }
    return [
      weighted(order[0..<grid.part(5)], 2), mean(30), weighted(order[...], 5), mean(10),
      grid.top(entropy.sorted(by: >), 20), log(1 + greatest) / 4,
    ]
  }
}
