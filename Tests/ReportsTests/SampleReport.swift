import Foundation
import Records
import Reports
import Video

/// Made-up reports with plausible curves.
enum SampleReport {
  static let classes = [
    "Normal", "Fighting", "Normal", "Explosion", "Road accident", "Normal", "Robbery", "Vandalism",
  ]

  /// A report of so many videos, the same every time.
  static func make(videos count: Int, withPictures: Bool = true) throws -> DetectionReport {
    let videos = try (0..<count).map { try video($0, withPictures: withPictures) }
    return DetectionReport(
      title: "Demo data set, held-out clips", dataset: "demo",
      created: Date(timeIntervalSince1970: 1_790_000_000),
      finding: "Descriptions raise the frame AUC from 0.871 to 0.912, more than the spread over "
        + "three seeds.",
      counts: ReportCounts(
        videos: count, anomalousVideos: videos.count { $0.isAnomalous ?? false },
        frames: count * 300, positiveFrames: count * 43),
      metrics: [
        ReportMetric(
          name: "Frame AUC", variant: "with descriptions", values: [0.904, 0.921, 0.912],
          chance: 0.5),
        ReportMetric(
          name: "Frame AUC", variant: "without descriptions", values: [0.861, 0.893, 0.859],
          chance: 0.5),
        ReportMetric(
          name: "Frame AP", variant: "with descriptions", values: [0.713, 0.702, 0.741],
          chance: 0.143),
        ReportMetric(
          name: "Frame AP", variant: "without descriptions", values: [0.652, 0.688, 0.611],
          chance: 0.143),
      ],
      notes: [
        "Rendered clips, not surveillance footage: the numbers compare variants, not methods.",
        "± is the sample standard deviation over seeds.",
      ],
      stages: [
        ReportStage(
          stage: "encode", implementation: .builtIn,
          used: "oriented gradients, flow and colour, 512-d",
          key: "6c1f0f9e7ab24b7d9f11", items: 80, itemName: "videos", seconds: 24.2),
        ReportStage(
          stage: "select", implementation: .real, used: "CLIP relevance, key events",
          model: "openai/clip-vit-base-patch16",
          revision: "57c216476eefef5ab752ec549e440a49ae4ae5f3",
          items: 448, itemName: "frames", seconds: 31.8),
        ReportStage(
          stage: "describe", implementation: .real, used: "chat completions, 8 frames a video",
          model: "Qwen/Qwen2.5-VL-7B-Instruct",
          revision: "cc594898137f460bfe9f0759e9844b3ce807cfb5",
          items: 56, itemName: "videos", failed: 1, seconds: 61.4),
        ReportStage(
          stage: "embed", implementation: .builtIn, used: "hashed word n-grams, 512-d",
          key: "b7d09a11c3", items: 55, itemName: "texts", seconds: 0.2),
        ReportStage(
          stage: "train", used: "DBVAD, 3 seeds, with and without DBM", key: "run-20261121-1003",
          items: 6, itemName: "runs", seconds: 48.9),
        ReportStage(
          stage: "detect", used: "DBVAD", key: "run-20261121-1003", items: count,
          itemName: "videos",
          seconds: 1.1),
      ],
      videos: videos)
  }

  static func video(_ index: Int, withPictures: Bool = true) throws -> ReportVideo {
    var generator = SeededGenerator(seed: UInt64(index) &+ 77)
    let duration = index == 2 ? 742.0 : 11 + Double(index % 4) * 1.25
    let name = classes[index % classes.count]
    let isAnomalous = name != "Normal"
    let start = duration * generator.nextUniform(in: 0.25..<0.5)
    let end = start + duration * generator.nextUniform(in: 0.15..<0.35)
    let isMissed = index % 11 == 6
    var level = 0.1
    let count = Int(duration * 25 / 16)
    let scores = (0..<count).map { step -> Float in
      let seconds = (Double(step) + 0.5) * 16 / 25
      let isInside = isAnomalous && !isMissed && seconds > start - 0.4 && seconds < end + 0.3
      let bump = !isAnomalous && index % 5 == 0 && abs(seconds - duration / 2) < 0.9 ? 0.42 : 0.0
      level += ((isInside ? 0.9 : 0.08 + bump) - level) * 0.55
      return Float(min(0.99, max(0.01, level + 0.035 * generator.nextNormal())))
    }
    let ranges = ReportScore.snippets(scores, framesPerSecond: 25, durationSeconds: duration)
    let moments: [(Double, String)] =
      isAnomalous
      ? [
        (0.4, "context"), (start - 0.9, "onset"), (start + 0.2, "event"),
        ((start + end) / 2, "peak"), (end - 0.2, "event"), (duration - 1.2, "context"),
      ] : (0..<6).map { (duration * (Double($0) + 0.5) / 6, "uniform") }
    return ReportVideo(
      id: "\(name.lowercased().replacing(" ", with: "_"))_\(index < 10 ? "0" : "")\(index)",
      className: name, isAnomalous: isAnomalous, split: "test", durationSeconds: duration,
      framesPerSecond: 25, scores: ranges,
      groundTruth: isAnomalous ? [ReportInterval(startSeconds: start, endSeconds: end)] : [],
      threshold: 0.5, detections: detections(ranges),
      keyFrames: try moments.enumerated().map { number, moment in
        ReportKeyFrame(
          timestampSeconds: moment.0,
          image: withPictures
            ? try JPEGCodec.encode(
              SampleScene.image(
                seed: UInt64(index), part: moment.0 / duration,
                isAnomalous: isAnomalous && moment.0 > start && moment.0 < end),
              quality: 80) : nil,
          role: moment.1,
          reason: number == 3 && isAnomalous
            ? "highest relevance to “people fighting in a street”, 0.31" : nil)
      },
      description: ReportDescription(
        text: isAnomalous
          ? "At \(TimeAxis.clock(start, tenths: true)) motion rises to 7.4 times the background in "
            + "the centre of the picture and covers 14 % of it. Two regions move towards each other, "
            + "then stay together for \(Int(end - start)) seconds; brightness flashes twice. "
            + "The camera is still."
          : "Motion stays near the background level throughout. Two small regions cross the picture "
            + "from left to right at a steady pace. No flashes, no cuts; the camera is still.",
        describer: isAnomalous ? "Qwen/Qwen2.5-VL-7B-Instruct" : "measured facts",
        implementation: isAnomalous ? .real : .builtIn,
        revision: isAnomalous ? "cc594898137f460bfe9f0759e9844b3ce807cfb5" : nil),
      areaUnderROC: isAnomalous ? (isMissed ? 0.412 : 0.93 + Double(index % 6) / 100) : nil,
      notes: index == 1 ? ["2 damaged packets were skipped while decoding."] : [])
  }

  private static func detections(_ scores: [ReportScore]) -> [ReportInterval] {
    var intervals: [ReportInterval] = []
    for score in scores where score.score >= 0.5 {
      if let last = intervals.last, last.endSeconds == score.startSeconds {
        intervals[intervals.count - 1].endSeconds = score.endSeconds
      } else {
        intervals.append(
          ReportInterval(startSeconds: score.startSeconds, endSeconds: score.endSeconds))
      }
    }
    return intervals
  }
}
