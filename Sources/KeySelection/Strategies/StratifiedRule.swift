/// `stratified`: the most relevant candidate of each of k equal bins.
///
/// Differs from the paper: bins are of scored candidates, as in `uniform`, so that irregular
/// candidates and any k give k frames; of equals the one nearest to the bin's centre wins
/// (the earlier of two), so that a flat curve is sampled as `uniform` does.
struct StratifiedRule: SelectionRule {
  var formula: String {
    "the greatest r of each of k equal bins of the candidates, ties to the bin's centre, the "
      + "earlier of two"
  }
  var source: String { "the query-free rule of PEEK, arXiv 2605.31029" }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    let centres = UniformRule().choose(count, from: problem)
    return (0..<count).map { bin in
      let range = (bin * problem.count / count)..<((bin + 1) * problem.count / count)
      let centre = centres[bin]
      // Rounding can put the centre of a bin of one just behind it.
      return range.reduce(range.lowerBound) { best, place in
        let (held, found) = (problem.relevance[best], problem.relevance[place])
        if found != held { return found > held ? place : best }
        return abs(place - centre) < abs(best - centre) ? place : best
      }
    }
  }
}
