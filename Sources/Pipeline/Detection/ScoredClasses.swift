import Datasets
import Evaluation
import Records

/// What the columns of class scores stand for, and which of them is normal.
public struct ScoredClasses: Sendable, Equatable {
  /// The columns' names; empty for a detector without class scores.
  public let names: [String]
  /// The normal one of them; nil where all are anomalies.
  public let normal: String?

  /// - Parameter descriptor: of the data set that is scored; nil for single videos. Where it
  ///   names no normal class among the columns, a class called normal is the normal one.
  public init(_ names: [String] = [], of descriptor: DatasetDescriptor? = nil) {
    self.names = names
    let described = descriptor?.normalClass?.name
    normal = names.first { $0 == described } ?? names.first(where: FolderDataset.isNormal)
  }

  /// One class over one video.
  public struct Peak: Codable, Sendable, Equatable {
    public var className: String
    public var peakScore: Float
    /// The middle of the first snippet with the greatest score.
    public var peakSeconds: Double
  }

  /// The anomaly classes with the greatest scores in a video, the strongest first; nil without
  /// class scores.
  func peaks(of video: ScoredVideo, count: Int = 3) -> [Peak]? {
    guard video.classScores != nil, !names.isEmpty else { return nil }
    let peaks = anomalies.compactMap { index, name -> Peak? in
      guard let scores = video.scores(ofClass: index), let top = scores.max(),
        let place = scores.firstIndex(of: top)
      else { return nil }
      let seconds = video.interval(ofSnippet: place)
      return Peak(
        className: name, peakScore: top,
        peakSeconds: (seconds.lowerBound + seconds.upperBound) / 2)
    }
    // Equal peaks keep the order of the classes.
    return Array(
      peaks.enumerated().sorted {
        ($1.element.peakScore, $0.offset) < ($0.element.peakScore, $1.offset)
      }.map(\.element).prefix(count))
  }

  /// The stretches over a threshold, each with its most likely class: the anomaly class with the
  /// greatest mean score over the stretch's snippets.
  func intervals(of video: ScoredVideo, over threshold: Float) -> [DetectedIntervals.Interval] {
    video.intervals(over: threshold).map { interval in
      var interval = interval
      let snippets = video.scores.indices.filter { index in
        let seconds = video.interval(ofSnippet: index)
        return seconds.lowerBound >= interval.startSeconds
          && seconds.upperBound <= interval.endSeconds
      }
      for (index, name) in anomalies {
        guard let scores = video.scores(ofClass: index), !snippets.isEmpty else { continue }
        let mean = snippets.reduce(0) { $0 + scores[$1] } / Float(snippets.count)
        if mean > interval.classScore ?? -.infinity {
          (interval.className, interval.classScore) = (name, mean)
        }
      }
      return interval
    }
  }

  /// The anomaly classes with their columns.
  var anomalies: [(index: Int, name: String)] {
    names.enumerated().filter { $0.element != normal }.map { ($0.offset, $0.element) }
  }
}

extension LegacyTruth {
  /// How VadCLIP's code takes the annotation of a data set. Its ground truth stores normal
  /// videos under the label 'A' whatever the data set, so that they count where that is the
  /// normal class's code, which is XD-Violence's. It reads UCF-Crime's pairs (s, e) as [s, e).
  init(_ descriptor: DatasetDescriptor) {
    self.init(
      hasNormalEvents: descriptor.normalClass?.fileCode == "A",
      startShift: descriptor.annotations?.format == .ucf ? 1 : 0)
  }
}
