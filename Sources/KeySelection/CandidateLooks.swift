/// The looks of a video: runs of neighbouring candidates that show one scene, as between two
/// cuts. A curve carries one number per candidate, ascending from 0.
public enum CandidateLooks {
  /// Neighbours with a lower cosine, after the mean of all is taken away, can be two looks.
  public static let greatestCosine = 0.5
  /// A new look differs from the candidate before it by at least so many times the median
  /// difference of neighbours. Footage that changes steadily therefore has one look.
  public static let leastJump = 3.0

  /// One number per candidate from embeddings of any norm.
  ///
  /// A candidate without embedding has the look of the candidate before it. Fewer than three
  /// embeddings show one look.
  public static func numbers(of embeddings: [[Float]?]) -> [Int] {
    let known = embeddings.indices.filter { embeddings[$0] != nil }
    let vectors = known.compactMap { embeddings[$0] }
    guard vectors.count > 2, let width = vectors.first?.count else {
      return [Int](repeating: 0, count: embeddings.count)
    }
    var mean = [Float](repeating: 0, count: width)
    for vector in vectors {
      for place in mean.indices { mean[place] += vector[place] / Float(vectors.count) }
    }
    var cosines: [Float] = []
    var steps: [Float] = []
    for (before, after) in zip(vectors, vectors.dropFirst()) {
      var (ab, aa, bb, step): (Float, Float, Float, Float) = (0, 0, 0, 0)
      for place in mean.indices {
        let (a, b) = (before[place] - mean[place], after[place] - mean[place])
        ab += a * b
        aa += a * a
        bb += b * b
        step += (a - b) * (a - b)
      }
      cosines.append(aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : 1)
      steps.append(step.squareRoot())
    }
    let typical = steps.sorted()[steps.count / 2]
    var numbers = [Int](repeating: 0, count: embeddings.count)
    var (look, next) = (0, 0)
    for place in embeddings.indices {
      if next < known.count, known[next] == place {
        if next > 0, cosines[next - 1] < Float(greatestCosine),
          steps[next - 1] >= Float(leastJump) * typical
        {
          look += 1
        }
        next += 1
      }
      numbers[place] = look
    }
    return numbers
  }

  /// The relevance of candidates in [0, 1], half their own and half the mean of their look,
  /// scaled to [0, 1] again. With one look it is the relevance itself.
  static func blended(_ relevance: [Double], looks: [Int]) -> [Double] {
    guard let last = looks.last, let first = looks.first, last > first else { return relevance }
    var blended = relevance
    var start = 0
    while start < looks.count {
      var end = start
      var sum = 0.0
      while end < looks.count, looks[end] == looks[start] {
        sum += relevance[end]
        end += 1
      }
      for place in start..<end {
        blended[place] = (relevance[place] + sum / Double(end - start)) / 2
      }
      start = end
    }
    let (least, greatest) = (blended.min() ?? 0, blended.max() ?? 0)
    guard greatest > least else { return relevance }
    return blended.map { ($0 - least) / (greatest - least) }
  }
}
