import Encoders

extension MotionFacts.Activity {
  /// What moves in a stretch of samples.
  init(_ samples: ArraySlice<MotionSample>) {
    let count = Double(max(1, samples.count))
    startSeconds = samples.first?.timestampSeconds ?? 0
    endSeconds = samples.last?.timestampSeconds ?? 0
    regions = Double(samples.reduce(0) { $0 + $1.regions.count }) / count
    let numbers = samples.map(\.regions.count).sorted()
    mostRegions = numbers.isEmpty ? 0 : numbers[numbers.count * 9 / 10]
    var (weight, x, y, xx, yy): (Double, Double, Double, Double, Double) = (0, 0, 0, 0, 0)
    var (dx, dy, length): (Double, Double, Double) = (0, 0, 0)
    for sample in samples {
      for region in sample.regions {
        let speed = Double((region.dx * region.dx + region.dy * region.dy).squareRoot())
        let share = Double(region.area) * (0.2 + speed + Double(region.disorder))
        weight += share
        x += share * Double(region.x)
        y += share * Double(region.bottom)
        xx += share * Double(region.x) * Double(region.x)
        yy += share * Double(region.bottom) * Double(region.bottom)
        dx += Double(region.area) * Double(region.dx)
        dy += Double(region.area) * Double(region.dy)
        length += Double(region.area) * (speed + Double(region.disorder))
      }
    }
    centre = weight > 0 ? (x / weight, y / weight) : nil
    extent =
      weight > 0
      ? max(
        0, xx / weight - (x / weight) * (x / weight) + yy / weight - (y / weight) * (y / weight)
      ).squareRoot() : 0
    direction = length > 0 ? (dx / length, dy / length) : (0, 0)
    let areas = samples.map { sample in
      sample.regions.reduce(0.0) { $0 + Double($1.area) }
    }
    area = areas.reduce(0, +) / count
    greatestArea = areas.max() ?? 0
    regionArea = samples.reduce(0.0) { $0 + Double($1.regions.first?.area ?? 0) } / count
    let busy = samples.filter { !$0.regions.isEmpty }
    let speeds = busy.map {
      Double($0.speed) / max(0.002, $0.regions.reduce(0) { $0 + Double($1.area) })
    }
    speed = speeds.reduce(0, +) / Double(max(1, speeds.count))
    topSpeed = samples.reduce(0.0) { max($0, Double($1.topSpeed)) }
    let total = samples.reduce(0.0) { $0 + Double($1.speed) }
    abruptness = total > 0 ? samples.reduce(0.0) { $0 + Double($1.jerk) } / total : 0
  }
}
