import ArgumentParser
import CommandSupport
import Pipeline
import Records

/// How many runs are trained, and at once.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Runs at once, as far as memory allows.", valueName: "n"))
  var jobs: Int = Parallel.cores

  @Option(help: ArgumentHelp("How many seeds.", valueName: "n"))
  var seeds: Int = 1

  @Option(help: ArgumentHelp("The first seed.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Save unfinished training this often.", valueName: "minutes"))
  var saveEvery: Double = 5

  @Flag(help: "Train again what is finished or interrupted.")
  var fresh = false

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1, found \(jobs)") }
    guard seeds >= 1 else { throw ValidationError("--seeds must be at least 1, found \(seeds)") }
    guard saveEvery >= 0 else {
      throw ValidationError("--save-every must be 0 or more, found \(saveEvery)")
    }
  }

  /// The options without a model and presets.
  func options(sets: [String]) -> TrainingOptions {
    TrainingOptions(
      sets: sets, seeds: seeds, firstSeed: seed, jobs: jobs, saveEvery: .seconds(saveEvery * 60),
      isFresh: fresh)
  }

  /// Ctrl-C lets the step under way finish and saves.
  static func listen() -> Interruption {
    let interruption = Interruption()
    interruption.listen(
      remark: "saving after the step under way; again to stop now, without the steps since the "
        + "last save")
    return interruption
  }
}

/// How runs are trained: the same for every command that trains on a workspace's own data.
struct PlanOptions: ParsableArguments {
  @OptionGroup var runs: RunOptions

  @Option(
    help: ArgumentHelp(
      "The share of training videos held out to validate every epoch; whole scenes.",
      valueName: "0...0.9"))
  var holdOut: Double = 0

  @Option(
    help: ArgumentHelp(
      "Parts of the training videos, each scored by one more model that is trained without it; "
        + "they give the threshold of detect. 0: none. (default: 4; with --hold-out 0, and the "
        + "held-out videos give it)", valueName: "n"))
  var folds: Int?

  @Flag(help: "Leave out listed training videos without a file or features.")
  var allowMissing = false

  func validate() throws {
    guard 0...0.9 ~= holdOut else {
      throw ValidationError("--hold-out must be from 0 to 0.9, found \(holdOut)")
    }
    guard folds.map({ $0 == 0 || 2...20 ~= $0 }) ?? true else {
      throw ValidationError("--folds must be 0, or from 2 to 20, found \(folds ?? 0)")
    }
  }

  /// The options without a model and presets.
  func options(sets: [String]) -> TrainingOptions {
    var options = runs.options(sets: sets)
    (options.holdOut, options.folds, options.allowsMissing) = (holdOut, folds, allowMissing)
    return options
  }
}
