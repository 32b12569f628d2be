import Detectors
import Evaluation
import Foundation

extension ModelComparison {
  /// Puts together what the runs of a training gave.
  ///
  /// - Parameters:
  ///   - scored: the runs with figures, on the same videos.
  ///   - reasons: why runs that were trained have none, by id.
  init(
    dataset: String, split: String?, summary: TrainingSummary, scored: [ComparisonStage.Scored],
    reasons: [String: String]
  ) {
    self.dataset = dataset
    self.split = split
    created = Date().formatted(.iso8601)
    let result = scored.first?.result
    videos = result?.videoCount ?? 0
    anomalousVideos = result?.anomalousVideoCount ?? 0
    frames = result?.frameCount ?? 0
    positiveFrames = result?.positiveFrameCount ?? 0
    let byID = Dictionary(scored.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var order: [String] = []
    var members: [String: [TrainingSummary.Run]] = [:]
    for run in summary.runs {
      let variant = run.plan?.variant ?? run.record?.variant ?? run.id
      if members[variant] == nil { order.append(variant) }
      members[variant, default: []].append(run)
    }
    var rows = order.map { variant in
      Row(variant: variant, runs: members[variant] ?? [], scored: byID, reasons: reasons)
    }
    let bySeed = order.map { variant in
      Dictionary(
        (members[variant] ?? []).compactMap { byID[$0.id] }.map { ($0.run.seed, $0) },
        uniquingKeysWith: { first, _ in first })
    }
    let first = bySeed.firstIndex { !$0.isEmpty }
    base = first.map { order[$0] }
    for place in rows.indices where place != first {
      func difference(
        _ value: (EvaluationResult) -> Double?,
        _ resamples: KeyPath<ComparisonStage.Scored, MetricResamples>
      ) -> Difference? {
        Difference(
          bySeed[place].keys.sorted().compactMap { seed in
            guard let own = bySeed[place][seed], let first, let base = bySeed[first][seed],
              let a = value(base.result), let b = value(own.result)
            else { return nil }
            return (
              (value: a, base[keyPath: resamples]), (value: b, own[keyPath: resamples])
            )
          })
      }
      rows[place].areaDifference = difference({ $0.areaUnderROC.value }, \.areas)
      rows[place].precisionDifference = difference({ $0.averagePrecision.value }, \.precisions)
    }
    self.rows = rows
    disagreements = ModelCurves(order: order, scored: scored).disagreements
  }
}

extension ModelComparison.Row {
  fileprivate init(
    variant: String, runs members: [TrainingSummary.Run],
    scored: [String: ComparisonStage.Scored], reasons: [String: String]
  ) {
    let own = members.compactMap { scored[$0.id] }
    let plan = members.lazy.compactMap(\.plan).first ?? own.first?.plan
    self.variant = variant
    model = plan?.model ?? members.lazy.compactMap(\.record).first?.model ?? variant
    label = own.first?.run.label ?? variant
    presets = plan?.presets ?? []
    let runs = members.map { member in
      let reason = reasons[member.id] ?? member.reason
      var run = ModelComparison.Run(
        id: member.id, seed: member.plan?.training.seed ?? member.record?.seed ?? 0,
        state: member.hasDiverged ? "diverged" : member.state.rawValue,
        reason: reason)
      run.seconds = member.record?.seconds
      run.memoryBytes = member.record?.memoryBytes
      guard let found = scored[member.id] else { return run }
      run.scoresWereStored = found.wereStored
      run.areaUnderROC = found.result.areaUnderROC.value
      run.averagePrecision = found.result.averagePrecision.value
      run.classAreaUnderROC = found.result.classScores?.areaUnderROC.value
      run.classAveragePrecision = found.result.classScores?.averagePrecision.value
      run.segments = found.result.segments?.fixed.abnormalVideos.average
      run.legacySegments = found.result.segments?.legacy.population.average
      run.segmentsReason = found.result.segmentsReason
      run.learnedShare = found.run.learnedShare
      return run
    }
    func spread(_ value: KeyPath<ModelComparison.Run, Double?>) -> ModelComparison.Spread? {
      .init(runs.compactMap { $0[keyPath: value] })
    }
    self.runs = runs
    areaUnderROC = spread(\.areaUnderROC)
    averagePrecision = spread(\.averagePrecision)
    classAreaUnderROC = spread(\.classAreaUnderROC)
    classAveragePrecision = spread(\.classAveragePrecision)
    segments = spread(\.segments)
    legacySegments = spread(\.legacySegments)
    seconds = spread(\.seconds)
    parameters = own.first?.parameters
    memoryBytes = runs.compactMap(\.memoryBytes).max()
    classes = (own.first?.result.classes ?? []).map { first in
      ModelComparison.ClassArea(
        className: first.className, videos: first.videoCount,
        areaUnderROC: .init(
          own.compactMap { run in
            run.result.classes.first { $0.className == first.className }?.areaUnderROC.value
          }))
    }
  }
}

/// The curves of each model, the mean over its seeds.
struct ModelCurves {
  /// The models with scores: variants.
  let names: [String]
  /// One video by every model.
  struct Video {
    /// A run's scored video, for all that models share.
    var shared: ScoredVideo
    /// One score per snippet, by model.
    var scores: [[Float]]
    /// Likewise their ranks among all snippets of the model, from 0 to 1.
    var ranks: [[Float]]
  }

  /// In the order of the first run.
  let videos: [Video]

  init(order: [String], scored: [ComparisonStage.Scored]) {
    let groups = order.map { name in scored.filter { $0.run.variant == name } }
      .filter { !$0.isEmpty }
    names = groups.map { $0[0].run.variant }
    var found = (scored.first?.videos ?? []).map { Video(shared: $0, scores: [], ranks: []) }
    for runs in groups {
      let ranks = runs.map { Self.ranks(of: $0.videos) }
      for index in found.indices {
        found[index].scores.append(Self.mean(runs.map { $0.videos[index].scores }))
        found[index].ranks.append(Self.mean(ranks.map { $0[index] }))
      }
    }
    videos = found
  }

  var disagreements: [ModelComparison.Disagreement] {
    guard names.count > 1 else { return [] }
    return videos.map { video in
      .init(
        video: video.shared.id, className: video.shared.className,
        spread: Self.spread(video.scores), rankSpread: Self.spread(video.ranks))
    }.sorted { ($1.spread, $0.video) < ($0.spread, $1.video) }
  }

  /// The mean over the snippets of the greatest minus the least value of the models.
  static func spread(_ curves: [[Float]]) -> Double {
    let count = curves.first?.count ?? 0
    guard count > 0 else { return 0 }
    let sum = (0..<count).reduce(0.0) { sum, index in
      let values = curves.map { Double($0[index]) }
      return sum + (values.max() ?? 0) - (values.min() ?? 0)
    }
    return sum / Double(count)
  }

  private static func mean(_ curves: [[Float]]) -> [Float] {
    (curves.first ?? []).indices.map { index in
      curves.reduce(0) { $0 + $1[index] } / Float(curves.count)
    }
  }

  /// Each snippet's share of the other snippets with lower scores; ties count half.
  static func ranks(of videos: [ScoredVideo]) -> [[Float]] {
    let all = videos.flatMap(\.scores)
    let order = all.indices.sorted { all[$0] < all[$1] }
    var ranks = [Float](repeating: 0.5, count: all.count)
    var start = 0
    while start < order.count, order.count > 1 {
      var end = start
      while end + 1 < order.count, all[order[end + 1]] == all[order[start]] { end += 1 }
      let rank = Float(start + end) / 2 / Float(order.count - 1)
      for place in start...end { ranks[order[place]] = rank }
      start = end + 1
    }
    var rest = ranks[...]
    return videos.map { video in
      defer { rest = rest.dropFirst(video.scores.count) }
      return Array(rest.prefix(video.scores.count))
    }
  }
}
