import ArgumentParser
import Datasets
import Pipeline

/// Which of a data set's videos a command works on, and the length of their pieces.
package struct VideoChoiceOptions: ParsableArguments {
  @Option(help: "Only this split.")
  package var split: VideoSplit = .train

  @OptionGroup package var limit: LimitOption

  @Option(
    help: ArgumentHelp(
      "Only the i-th of n parts, for n machines with a workspace each.",
      valueName: "i/n"))
  package var shard: DatasetShard?

  @Option(
    help: ArgumentHelp(
      "Describe videos in pieces of this length if they are at least one and a half times as "
        + "long: items 'name@start-end'.", valueName: "seconds"))
  package var segment: Int?

  /// The shortest allowed length.
  private static let leastSegmentSeconds = 2

  package init() {}

  package func validate() throws {
    if let segment, segment < Self.leastSegmentSeconds {
      throw ValidationError(
        "--segment must be at least \(Self.leastSegmentSeconds) seconds, found \(segment)")
    }
  }

  /// The chosen videos; `limit` counts only those that fulfil the condition.
  package func videos(
    of dataset: Dataset, where isWanted: (DatasetVideo) -> Bool = { _ in true }
  ) -> [DatasetVideo] {
    VideoChoice(split: split.name, shard: shard, limit: limit.most)
      .videos(of: dataset, where: isWanted)
  }
}
