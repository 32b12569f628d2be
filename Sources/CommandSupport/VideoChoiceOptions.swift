import ArgumentParser
import Datasets
import Pipeline

/// Which of a data set's videos a command works on, and whether in pieces.
public struct VideoChoiceOptions: ParsableArguments {
  @Option(help: "Only this split.")
  public var split: VideoSplit = .train

  @OptionGroup public var limit: LimitOption

  @Option(
    help: ArgumentHelp(
      "Only the i-th of n parts, for one machine of n; each has its own workspace.",
      valueName: "i/n"))
  public var shard: DatasetShard?

  @Option(
    help: ArgumentHelp(
      "Describe videos of one and a half times this length or more in pieces of it: items "
        + "'name@start-end'.", valueName: "seconds"))
  public var segment: Int?

  /// The shortest pieces.
  private static let leastSegmentSeconds = 2

  public init() {}

  public func validate() throws {
    if let segment, segment < Self.leastSegmentSeconds {
      throw ValidationError(
        "--segment must be at least \(Self.leastSegmentSeconds) seconds, found \(segment)")
    }
  }

  /// The chosen videos; `limit` counts only those that fulfil the condition.
  public func videos(
    of dataset: Dataset, where isWanted: (DatasetVideo) -> Bool = { _ in true }
  ) -> [DatasetVideo] {
    VideoChoice(split: split.name, shard: shard, limit: limit.most)
      .videos(of: dataset, where: isWanted)
  }
}
