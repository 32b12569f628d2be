import ArgumentParser
import CommandSupport
import DemoData
import Foundation
import Records

/// Joins real clips to a data set.
struct RealCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "real",
    abstract: "Joins real clips of a folder, six a video, to a data set with fights to find.",
    discussion: """
      CLIPS holds fight/fi*.mp4 and noFight/nofi*.mp4, as the public repository \
      sayibet/fight-detection-surv-dataset on GitHub does. Every clip is brought to 320x240 \
      pixels, 25 frames a second and at most 50 frames. A normal video joins six clips without a \
      fight; an abnormal one has 1 or 2 adjacent fights among them. Neighbouring numbers share \
      cameras, so one fifth of consecutive numbers of each class is tested on: --shuffle says \
      which. The same clips, shuffle and seed give the same files. videos.csv is the data set \
      (--dataset DIR/videos.csv), clips.csv says which clip is where.

      \(CommandExit.help)
      """)

  @Argument(help: "The folder with fight/ and noFight/.")
  var clips: String

  @Option(help: ArgumentHelp("The folder to fill.", valueName: "dir"))
  var out: String

  @Option(help: ArgumentHelp("The fifth that is tested on, 1 to 5.", valueName: "n"))
  var shuffle: Int = 1

  @Option(help: ArgumentHelp("The seed; each joins other clips.", valueName: "n"))
  var seed: UInt64 = 7

  @Option(help: ArgumentHelp("Training videos of each label.", valueName: "n"))
  var training: Int = 60

  @Option(help: ArgumentHelp("Test videos of each label.", valueName: "n"))
  var test: Int = 30

  @Flag(
    help: """
      Join clips of all training fifths in one video. Without it, a video's clips are of one \
      fifth, its scene, and scenes share no clip.
      """)
  var mixed = false

  @OptionGroup var jobs: JobOptions

  @Flag(help: "The summary as JSON.")
  var json = false

  func validate() throws {
    for (name, count) in [("--training", training), ("--test", test)]
    where !(1...1000).contains(count) {
      throw ValidationError("\(name) must be from 1 to 1000, found \(count)")
    }
  }

  func execute() async throws {
    guard (1...JoinPlan.parts).contains(shuffle) else { throw DemoError.noSuchShuffle(shuffle) }
    let folder = try ClipFolder(URL(fileURLWithPath: clips))
    let plan = JoinPlan(
      fights: folder.fights, others: folder.others, shuffle: shuffle, seed: seed,
      sizes: JoinPlan.Sizes(training: training, test: test), mixesFifths: mixed)
    let progress = ProgressLine("real", total: plan.videos.count)
    let summary = try JoinedDataset.write(
      plan, of: folder, to: URL(fileURLWithPath: out), jobs: jobs.jobs
    ) { _ in progress.advance() }
    progress.finish()
    if json {
      Console.result(try JSONRecord.encode(summary))
      return
    }
    Console.result(
      "\(summary.trainingVideos) training and \(summary.testVideos) test videos, "
        + "\(summary.frames) frames, shuffle \(shuffle), in \(out); "
        + "\(summary.testEventFrames) of \(summary.testFrames) test frames show fights")
  }
}
