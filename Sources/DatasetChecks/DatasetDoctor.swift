import Datasets
import Foundation
import Records
import Video

/// Compares a data set's files with its lists, its annotation and the published counts.
package struct DatasetDoctor: Sendable {
  package let dataset: Dataset
  /// Whether frames are counted from the packets instead of taken from the header.
  package let countsFrames: Bool
  /// The number of videos that are opened at the same time.
  package let jobs: Int

  package init(_ dataset: Dataset, countsFrames: Bool = false, jobs: Int = 2) {
    self.dataset = dataset
    self.countsFrames = countsFrames
    self.jobs = max(1, jobs)
  }

  /// Opens every video and returns the report.
  ///
  /// - Parameter progress: called after each video, on any thread.
  package func examine(progress: @escaping @Sendable () -> Void = {}) -> DatasetReport {
    let measures = measure(progress: progress)
    var findings = fileFindings()
    for (video, measure) in zip(dataset.videos, measures) {
      findings += videoFindings(video, measure) + LabelComparison(dataset).findings(video)
    }
    let splits = splitReports(measures)
    findings += annotationFindings() + countFindings(splits)
    return DatasetReport(
      dataset: dataset.descriptor.name, root: dataset.root.path, splits: splits,
      annotatedVideos: annotatedVideos, events: eventCount,
      extraVideos: dataset.extraVideos.count, findings: findings.map(withKnownCause))
  }

  // MARK: Videos

  /// The frame counts of one file.
  private struct Measure: Sendable {
    /// The number of frames; nil if the file does not open.
    var frames: Int?
    /// The number of frames by the header, if frames were counted.
    var claimed: Int?
    var failure: String?
    /// The advice for a size that recorders squeeze.
    var shapeAdvice: String?
    /// The clock's jumps in words.
    var clock: String?
  }

  private func measure(progress: @escaping @Sendable () -> Void) -> [Measure] {
    Parallel.map(dataset.videos, jobs: jobs) { video in
      defer { progress() }
      return measure(video)
    }
  }

  private func measure(_ video: DatasetVideo) -> Measure {
    do {
      if countsFrames {
        let index = try FrameIndex(path: video.path, view: video.view)
        let frames =
          index.isTrustworthy ? index.frameCount : try VideoFrames.timestamps(of: video.path).count
        return Measure(
          frames: frames, claimed: index.info.claimedFrameCount,
          failure: index.readFailure ?? index.missingPart.map { "cut off: \($0)" },
          shapeAdvice: shapeAdvice(video, index.info),
          clock: Self.clock(index.clockJumps, still: index.stillFrameCount))
      }
      let header = try VideoHeader(path: video.path, view: video.view)
      // Opening decodes the first frame, which the headers alone would not prove.
      let info = try VideoReader(path: video.path, view: video.view).info
      return Measure(
        frames: info.claimedFrameCount
          ?? Int((header.info.durationSeconds * header.info.averageFrameRate).rounded()),
        shapeAdvice: shapeAdvice(video, header.info),
        clock: Self.clock(header.clockJumps, still: header.stillFrameCount))
    } catch {
      return Measure(failure: "\(error)")
    }
  }

  /// The advice for a squeezed size, unless the user states the pixels' shape.
  private func shapeAdvice(_ video: DatasetVideo, _ info: VideoInfo) -> String? {
    video.view.pixelAspect == nil ? info.shapeAdvice : nil
  }

  /// The faults of a clock in words; nil without any.
  private static func clock(_ jumps: [ClockJump], still: Int) -> String? {
    let faults = [
      ClockJump.summary(jumps), still > 0 ? "\(still) frames without an advancing time" : nil,
    ].compactMap { $0 }
    return faults.isEmpty ? nil : faults.joined(separator: ", ")
  }

  private func videoFindings(_ video: DatasetVideo, _ measure: Measure) -> [DatasetFinding] {
    var findings: [DatasetFinding] = []
    if let failure = measure.failure {
      findings.append(
        DatasetFinding(.corrupt, video.id, found: failure, expected: "a video that decodes"))
    }
    if let clock = measure.clock {
      findings.append(
        DatasetFinding(
          .clock, video.id, found: clock,
          expected: "a clock that runs on; times and durations leave the gap out"))
    }
    if let advice = measure.shapeAdvice {
      findings.append(
        DatasetFinding(
          .pixelAspect, video.id, found: advice,
          expected: "an aspect ratio in the file, or pixelAspect in the data set's descriptor"))
    }
    if video.isAnomalous == nil, dataset.videos.contains(where: { $0.isAnomalous != nil }) {
      findings.append(
        DatasetFinding(
          .misnamed, video.id, found: "a name or folder without a class",
          expected: "one of " + dataset.descriptor.classes.map(\.fileCode).joined(separator: ", ")))
    }
    guard let frames = measure.frames else { return findings }
    if let claimed = measure.claimed, claimed != frames {
      findings.append(
        DatasetFinding(
          .frameCount, video.id, found: "\(frames) frames", expected: "\(claimed), by its header"))
    }
    if let labelled = dataset.labelledFrames[video.id], labelled != frames {
      findings.append(
        DatasetFinding(
          .frameCount, video.id, found: "\(frames) frames",
          expected: "\(labelled), by the annotation"))
    }
    let snippetEnd = frames / Snippet.frameCount * Snippet.frameCount
    for event in dataset.annotations[video.id]?.events ?? [] where event.upperBound > snippetEnd {
      let isPastEnd = event.upperBound > frames
      findings.append(
        DatasetFinding(
          isPastEnd ? .eventPastEnd : .eventPastSnippets, video.id,
          found: "an event over the frames \(event.lowerBound) to \(event.upperBound - 1)",
          expected: isPastEnd
            ? "its end within \(frames) frames; it is clipped there"
            : "its end within the \(snippetEnd) frames of whole snippets; it is clipped there"))
    }
    return findings
  }

  // MARK: Names

  private func fileFindings() -> [DatasetFinding] {
    var extra = dataset.extraVideos
    var findings: [DatasetFinding] = []
    for entry in dataset.missingVideos {
      let plain = Self.plainName(entry)
      if let place = extra.firstIndex(where: { Self.plainName($0) == plain }) {
        findings.append(
          DatasetFinding(
            .misnamed, extra.remove(at: place), found: "a name that is in no list", expected: entry)
        )
      } else {
        findings.append(
          DatasetFinding(.missing, entry, found: "no such file", expected: "a video of this name"))
      }
    }
    findings += extra.map {
      DatasetFinding(
        .extra, $0, found: "a video in no split", expected: "only the videos of the splits")
    }
    findings += dataset.undecodableNames.map {
      DatasetFinding(
        .undecodableName, $0, found: "a name that is not UTF-8", expected: "a name in UTF-8")
    }
    findings += dataset.repeatedEntries.map {
      DatasetFinding(.repeated, $0, found: "listed more than once", expected: "once")
    }
    return findings
  }

  /// A name without the parts that vary between copies: folders, extension, case, punctuation,
  /// and the codec's name at the end.
  private static func plainName(_ path: String) -> String {
    VideoNameIndex.loose(VideoListFile.stem(ofEntry: path))
  }

  // MARK: Annotation and counts

  private var annotatedVideos: Int {
    dataset.annotations.values.count { !$0.events.isEmpty } + dataset.unmatchedAnnotations.count
  }

  private var eventCount: Int {
    (Array(dataset.annotations.values) + dataset.unmatchedAnnotations)
      .map(\.events.count).reduce(0, +)
  }

  private func annotationFindings() -> [DatasetFinding] {
    guard !dataset.annotations.isEmpty else { return [] }
    let missing = Set(dataset.missingVideos.map(VideoListFile.stem(ofEntry:)))
    var findings = dataset.unmatchedAnnotations.map(\.videoID).filter { !missing.contains($0) }.map
    {
      DatasetFinding(.annotation, $0, found: "annotated", expected: "a video of this name")
    }
    let evaluated = dataset.videos(split: "test")
    findings += evaluated.filter { $0.isAnomalous == true }
      .filter { dataset.annotations[$0.id]?.events.isEmpty ?? true }
      .map {
        DatasetFinding(
          .annotation, $0.id, found: "an anomalous test video without an event",
          expected: "its events")
      }
    return findings
  }

  private func splitReports(_ measures: [Measure]) -> [DatasetReport.Split] {
    let names: [String?] =
      dataset.hasSplits ? (dataset.descriptor.splits ?? []).map(\.name) : [nil]
    return names.map { name in
      let members = zip(dataset.videos, measures).filter { name == nil || $0.0.split == name }
      let frames = members.compactMap { $0.1.frames }
      return DatasetReport.Split(
        name: name ?? "all", normal: members.count { $0.0.isAnomalous == false },
        anomalous: members.count { $0.0.isAnomalous == true },
        unlabelled: members.count { $0.0.isAnomalous == nil }, frames: frames.reduce(0, +),
        snippetFrames: frames.map { $0 / Snippet.frameCount * Snippet.frameCount }.reduce(0, +),
        positiveFrames: members.map { video, measure in
          Self.positiveFrames(
            dataset.annotations[video.id]?.events ?? [], frames: measure.frames ?? 0)
        }.reduce(0, +),
        expected: dataset.descriptor.expected?.splits.first { $0.name == name })
    }
  }

  /// The number of frames in the events; frames in several events count once.
  private static func positiveFrames(_ events: [Range<Int>], frames: Int) -> Int {
    var end = 0
    var count = 0
    for event in events.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let clipped =
        max(end, event.lowerBound)..<max(end, event.lowerBound, min(event.upperBound, frames))
      count += clipped.count
      end = max(end, clipped.upperBound)
    }
    return count
  }

  private func countFindings(_ splits: [DatasetReport.Split]) -> [DatasetFinding] {
    var findings: [DatasetFinding] = []
    func compare(_ subject: String, _ found: Int, _ expected: Int?) {
      guard let expected, found != expected else { return }
      findings.append(
        DatasetFinding(.count, subject, found: "\(found)", expected: "\(expected), as published"))
    }
    for split in splits {
      compare("\(split.name): normal videos", split.normal, split.expected?.normal)
      compare("\(split.name): anomalous videos", split.anomalous, split.expected?.anomalous)
      compare(
        "\(split.name): frames in whole snippets", split.snippetFrames,
        split.expected?.snippetFrames)
    }
    let expected = dataset.descriptor.expected
    compare("annotation: videos with events", annotatedVideos, expected?.annotatedVideos)
    compare("annotation: events", eventCount, expected?.events)
    return findings
  }

  private func withKnownCause(_ finding: DatasetFinding) -> DatasetFinding {
    var finding = finding
    finding.known =
      dataset.descriptor.knownDefects?.first {
        $0.kinds.contains(finding.kind) && ShellPattern.matches(finding.subject, $0.video)
      }?.note
    return finding
  }
}

/// The report of `describe doctor` about a data set, printed as a table and as JSON.
package struct DatasetReport: Codable, Sendable, Equatable {
  /// The counts of one split of this copy.
  package struct Split: Codable, Sendable, Equatable {
    package var name: String
    package var normal: Int
    package var anomalous: Int
    package var unlabelled: Int
    /// Frames of all videos that opened.
    package var frames: Int
    /// Frames in whole snippets of 16.
    package var snippetFrames: Int
    /// Frames in annotated events, clipped to the videos' ends.
    package var positiveFrames: Int
    /// The published counts; nil if they are not known.
    package var expected: ExpectedCounts.Split?
  }

  package var dataset: String
  package var root: String
  package var splits: [Split]
  package var annotatedVideos: Int
  package var events: Int
  /// Videos without a split.
  package var extraVideos: Int
  package var findings: [DatasetFinding]

  /// Whether all findings are known defects.
  package var isClean: Bool { findings.allSatisfy { $0.known != nil } }
}
