/// `kess`: the exact optimum of `SpreadObjective` over the sets that contain a frame of
/// each bound stage (`RolePlan.bound`).
///
/// The optimum also decides which frames show the onset and the aftermath: the program
/// demands any frame of the stage, not a certain one.
struct KeyEventRule: SelectionRule {
  var formula: String {
    SpreadObjective.formula
      + "; for 0 < s < 1 over the sets that hold the main event's peak, one frame of its "
      + "aftermath and one of its onset as k allows in this order, then further events' peaks "
      + "while at most k/2 frames are bound, with several looks at most k/2 in all; exact; ties to the earliest set"
  }
  var source: String { "this project; the role of KESS in DBVAD (PRCV 2025)" }

  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  {
    ["spread": dials.spread]
  }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    let spread = problem.parameters.spread
    // The program's sums are rounded; sorting by relevance is exact.
    if spread == 0 { return TopRelevanceRule().choose(count, from: problem) }
    return SpreadObjective(
      timestamps: problem.timestamps, relevance: problem.relevance,
      durationSeconds: problem.durationSeconds, spread: spread, looks: problem.looks
    ).optimum(count: count, windows: problem.windows)
  }
}
