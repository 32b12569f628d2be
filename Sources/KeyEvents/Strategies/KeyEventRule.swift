/// `kess`: the exact optimum of `SpreadObjective`, among the sets that hold a frame
/// of each stage that is bound (`RolePlan.bound`).
///
/// The onset's and the aftermath's frames are part of the optimum: the program asks
/// for one in the stage, not for a certain one.
struct KeyEventRule: SelectionRule {
  var formula: String {
    SpreadObjective.formula
      + "; for 0 < s < 1 over the sets that hold the main event's peak, one frame of its "
      + "aftermath and one of its onset as k allows in this order, then further events' peaks "
      + "while at most k/2 frames are bound; exact; ties to the earliest set"
  }
  var source: String { "this project; the role of KESS in DBVAD (PRCV 2025)" }

  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  {
    ["spread": dials.spread]
  }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    let spread = problem.parameters.spread
    // Sums of the program are rounded; the most relevant frames need none.
    if spread == 0 { return TopRelevanceRule().choose(count, from: problem) }
    return SpreadObjective(
      timestamps: problem.timestamps, relevance: problem.relevance,
      durationSeconds: problem.durationSeconds, spread: spread
    ).optimum(count: count, windows: problem.windows)
  }
}
