import Foundation

/// `facility-location`: greedy choice by mean relevance, and by how well the chosen
/// frames represent all candidates visually and in time.
///
/// F(S) = a · (mean of r over S) + b · (mean over v of the greatest sim(v, j), j in S),
/// where sim(v, j) = (1 - w) max(0, cos(v, j)) + w exp(-|t_v - t_j| / tau). The cosine of
/// a candidate without embedding is 0. F is monotone and submodular, so the greedy set
/// reaches at least 63% of the optimum, and a candidate's gain never grows. A gain
/// computed for a smaller set is therefore an upper bound (lazy evaluation).
///
/// Differs from the paper: the paper does not publish its normalisation. The means here
/// make the weights independent of k and N. The time term is ours.
struct FacilityLocationRule: SelectionRule {
  var formula: String {
    "greedy, lazily evaluated: a*sum(r)/k + b*mean over v of max over j of sim(v,j), "
      + "sim = (1-w)*max(0,cos) + w*exp(-|t_v-t_j|/tau); at least 63% of the optimum"
  }
  var source: String { "Adaptive Greedy Frame Selection, arXiv 2603.20180, with a time term" }
  var needsEmbeddings: Bool { true }

  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  {
    [
      "relevanceWeight": dials.relevanceWeight, "coverageWeight": dials.coverageWeight,
      "timeWeight": dials.timeWeight,
      "decaySeconds": Self.decaySeconds(dials, durationSeconds: durationSeconds, count: count),
    ]
  }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    var similarity = CandidateSimilarity(
      problem,
      decaySeconds: Self.decaySeconds(
        problem.parameters, durationSeconds: problem.durationSeconds, count: count))
    let relevance = problem.relevance.map {
      problem.parameters.relevanceWeight * $0 / Double(count)
    }
    let weight = problem.parameters.coverageWeight / Double(problem.count)
    // Upper bounds: each is exact for the set at which it was computed.
    var gains = zip(relevance, similarity.coverageOfEach()).map { $0 + weight * $1 }
    var isChosen = [Bool](repeating: false, count: problem.count)
    for _ in 0..<count {
      var computed: Set<Int> = []
      while true {
        var best = -1
        for place in gains.indices where !isChosen[place] {
          if best < 0 || gains[place] > gains[best] { best = place }
        }
        if computed.contains(best) {
          isChosen[best] = true
          similarity.add(best)
          break
        }
        gains[best] = relevance[best] + weight * similarity.coverage(of: best)
        computed.insert(best)
      }
    }
    return isChosen.indices.filter { isChosen[$0] }
  }

  private static func decaySeconds(
    _ dials: SelectionParameters, durationSeconds: Double, count: Int
  ) -> Double {
    if let given = dials.decaySeconds { return given }
    return durationSeconds > 0 ? durationSeconds / Double(max(1, count)) : 1
  }
}

/// The similarity of candidates to each other, and how well the added ones cover each.
private struct CandidateSimilarity {
  /// The number of candidates whose cosines to all others are computed at once.
  private static let block = 256
  private typealias Lanes = SIMD8<Float>

  private let timestamps: [Double]
  private let visualWeight: Double
  private let timeWeight: Double
  private let decaySeconds: Double
  /// Unit vectors, candidate after candidate, each padded with zeros to whole lanes. A
  /// candidate without embedding has zeros, so its cosine to all others is 0.
  private let vectors: [Lanes]
  /// Lanes per candidate.
  private let lanes: Int
  /// The greatest similarity of each candidate to an added one.
  private var covered: [Double]

  init(_ problem: SelectionProblem, decaySeconds: Double) {
    timestamps = problem.timestamps
    timeWeight = problem.parameters.timeWeight
    visualWeight = 1 - timeWeight
    self.decaySeconds = decaySeconds
    covered = [Double](repeating: 0, count: problem.count)
    let width = problem.embeddings.lazy.compactMap { $0?.count }.first ?? 1
    lanes = (width + Lanes.scalarCount - 1) / Lanes.scalarCount
    var vectors = [Lanes](repeating: .zero, count: problem.count * lanes)
    for (place, embedding) in problem.embeddings.enumerated() {
      guard let embedding else { continue }
      precondition(
        embedding.count == width, "embeddings of \(width) and of \(embedding.count) numbers")
      let length = embedding.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard length > 0, length.isFinite else { continue }
      for (column, value) in embedding.enumerated() {
        vectors[place * lanes + column / Lanes.scalarCount][column % Lanes.scalarCount] =
          Float(Double(value) / length)
      }
    }
    self.vectors = vectors
  }

  /// What each candidate would add to the coverage.
  func coverageOfEach() -> [Double] {
    stride(from: 0, to: timestamps.count, by: Self.block).flatMap { start in
      coverage(of: start..<min(start + Self.block, timestamps.count))
    }
  }

  /// What a candidate would add to the coverage, summed over all candidates.
  func coverage(of place: Int) -> Double { coverage(of: place..<(place + 1))[0] }

  mutating func add(_ place: Int) {
    let cosines = cosines(of: place..<(place + 1))
    for other in covered.indices {
      covered[other] = max(covered[other], similarity(other, place, cosine: cosines[other]))
    }
  }

  private func coverage(of places: Range<Int>) -> [Double] {
    let cosines = cosines(of: places)
    return places.enumerated().map { row, place in
      covered.indices.reduce(0) { sum, other in
        let cosine = cosines[row * covered.count + other]
        return sum + max(0, similarity(other, place, cosine: cosine) - covered[other])
      }
    }
  }

  /// The cosines of some candidates with all, [places, candidates].
  ///
  /// Four rows share each load of the other vector. Every sum has the same order of
  /// terms, so a cosine does not depend on the row's position.
  private func cosines(of places: Range<Int>) -> [Float] {
    let count = timestamps.count
    var result = [Float](repeating: 0, count: places.count * count)
    vectors.withUnsafeBufferPointer { vectors in
      var place = places.lowerBound
      while place + 4 <= places.upperBound {
        let row = (place - places.lowerBound) * count
        let (a, b, c, d) = (
          place * lanes, (place + 1) * lanes, (place + 2) * lanes, (place + 3) * lanes
        )
        for other in 0..<count {
          var sums = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
          for lane in 0..<lanes {
            let vector = vectors[other &* lanes &+ lane]
            sums.0 += vectors[a &+ lane] * vector
            sums.1 += vectors[b &+ lane] * vector
            sums.2 += vectors[c &+ lane] * vector
            sums.3 += vectors[d &+ lane] * vector
          }
          result[row + other] = sums.0.sum()
          result[row + count + other] = sums.1.sum()
          result[row + 2 * count + other] = sums.2.sum()
          result[row + 3 * count + other] = sums.3.sum()
        }
        place += 4
      }
      while place < places.upperBound {
        let row = (place - places.lowerBound) * count
        for other in 0..<count {
          var sum = Lanes.zero
          for lane in 0..<lanes {
            sum += vectors[place &* lanes &+ lane] * vectors[other &* lanes &+ lane]
          }
          result[row + other] = sum.sum()
        }
        place += 1
      }
    }
    return result
  }

  private func similarity(_ first: Int, _ second: Int, cosine: Float) -> Double {
    visualWeight * max(0, Double(cosine))
      + timeWeight * exp(-abs(timestamps[first] - timestamps[second]) / decaySeconds)
  }
}
