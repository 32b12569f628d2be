import Datasets
import Records

/// Videos of a split's list that a stage cannot use.
public struct AbsentVideos: Sendable, Equatable {
  /// `training` or `test`, for messages.
  public let split: String
  /// The number of listed videos.
  public let listed: Int
  /// Entries without a file, as listed.
  public let withoutFile: [String]
  /// Ids of videos whose features could not be made.
  public let withoutFeatures: [String]

  /// - Parameters:
  ///   - name: the split's name in the data set; nil for all videos.
  ///   - words: the split in messages; nil for its name.
  ///   - outcomes: by video id; empty before features are made.
  init(
    of dataset: Dataset, split name: String?, inWords words: String? = nil, videos: [DatasetVideo],
    outcomes: [String: VisualFeatureStage.Outcome] = [:]
  ) {
    split = words ?? name ?? ""
    withoutFile = name.map { dataset.missingVideos(split: $0) } ?? dataset.missingVideos
    listed = videos.count + withoutFile.count
    withoutFeatures =
      outcomes.isEmpty ? [] : videos.map(\.id).filter { outcomes[$0]?.record == nil }
  }

  public var names: [String] { withoutFile + withoutFeatures }

  /// `1 of 4 listed training videos has no file: clip2`.
  var line: String {
    func part(_ names: [String], _ lack: String) -> String? {
      guard !names.isEmpty else { return nil }
      let verb = names.count == 1 ? "has" : "have"
      return "\(names.count) of \(listed) listed \(split) videos \(verb) no \(lack): "
        + ShortList.of(names)
    }
    return [part(withoutFile, "file"), part(withoutFeatures, "features")].compactMap(\.self)
      .joined(separator: "; ")
  }

  /// Warns of absent videos if they are allowed.
  ///
  /// - Throws: `PipelineError.notReady` if they are not.
  func check(allowed: Bool, root: String, reporter: StageReporter) throws {
    guard !names.isEmpty else { return }
    guard allowed else {
      throw PipelineError.notReady(
        subject: root, finding: line,
        remedy: "bring the files back or correct the list, or leave these videos out with "
          + "--allow-missing")
    }
    reporter.warning("\(line) (--allow-missing: left out)")
  }
}
