import Foundation
import Tensors

/// `facility-location`: greedy choice by mean relevance and by how well the chosen
/// frames stand for all candidates, in looks and in time.
///
/// F(S) = a mean(r over S) + b mean over v of the greatest of sim(v, j), j in S, with
/// sim(v, j) = (1 - w) max(0, cos(v, j)) + w exp(-|t_v - t_j| / tau); a candidate
/// without embedding is like others in time alone. F is monotone and submodular, so
/// the greedy set reaches 63% of the optimum at least, and gains never grow: one
/// that was computed for a smaller set is an upper bound (lazy evaluation).
///
/// Differs from the paper: its normalisation is not published, the means here make
/// the weights independent of k and N; the time term is ours.
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
    var likeness = Likeness(
      problem,
      decaySeconds: Self.decaySeconds(
        problem.parameters, durationSeconds: problem.durationSeconds, count: count))
    let relevance = problem.relevance.map {
      problem.parameters.relevanceWeight * $0 / Double(count)
    }
    let weight = problem.parameters.coverageWeight / Double(problem.count)
    // Upper bounds: exact for the sets at which they were computed.
    var gains = zip(relevance, likeness.coverageOfEach()).map { $0 + weight * $1 }
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
          likeness.add(best)
          break
        }
        gains[best] = relevance[best] + weight * likeness.coverage(of: best)
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

/// How like each other candidates are, and how well those added so far stand for each.
private struct Likeness {
  /// So many candidates' likenesses to all others are computed at once.
  private static let block = 256

  private let timestamps: [Double]
  private let looksWeight: Double
  private let timeWeight: Double
  private let decaySeconds: Double
  /// Unit rows, [candidates, width]; zeros where there is no embedding, whose
  /// cosine with everything is 0.
  private let rows: Tensor<Float>
  /// The greatest likeness of each candidate to one that was added.
  private var covered: [Double]

  init(_ problem: SelectionProblem, decaySeconds: Double) {
    timestamps = problem.timestamps
    timeWeight = problem.parameters.timeWeight
    looksWeight = 1 - timeWeight
    self.decaySeconds = decaySeconds
    covered = [Double](repeating: 0, count: problem.count)
    let width = problem.embeddings.lazy.compactMap { $0?.count }.first ?? 1
    var scalars: [Float] = []
    scalars.reserveCapacity(problem.count * width)
    for place in 0..<problem.count {
      let vector = place < problem.embeddings.count ? problem.embeddings[place] : nil
      let length =
        vector.map { $0.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() } ?? 0
      if let vector, length > 0, length.isFinite {
        scalars += vector.map { Float(Double($0) / length) }
      } else {
        scalars += repeatElement(0, count: width)
      }
    }
    rows = Tensor(shape: [problem.count, width], scalars: scalars)
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
    let cosines = cosines(to: place..<(place + 1))
    for other in covered.indices {
      covered[other] = max(covered[other], likeness(other, place, cosine: cosines.scalars[other]))
    }
  }

  private func coverage(of places: Range<Int>) -> [Double] {
    let cosines = cosines(to: places)
    return places.enumerated().map { row, place in
      covered.indices.reduce(0) { sum, other in
        let cosine = cosines.scalars[row * covered.count + other]
        return sum + max(0, likeness(other, place, cosine: cosine) - covered[other])
      }
    }
  }

  /// The cosines of some candidates with all, [places, candidates].
  private func cosines(to places: Range<Int>) -> Tensor<Float> {
    rows[rows: places].matrixMultiplied(by: rows, otherTransposed: true)
  }

  private func likeness(_ first: Int, _ second: Int, cosine: Float) -> Double {
    looksWeight * max(0, Double(cosine))
      + timeWeight * exp(-abs(timestamps[first] - timestamps[second]) / decaySeconds)
  }
}
