import Foundation

/// Which directions there are, whatever side they go to, and which rhythm the picture has.
extension SnippetDescriptor {
  /// `SnippetDescriptorLayout.directions`.
  func directions() -> [Float] {
    var folded = [Float](repeating: 0, count: 8)
    var classes = [Float](repeating: 0, count: 24)
    var bins = [Float](repeating: 0, count: 8)
    var (net, path): ((x: Float, y: Float), Float) = ((0, 0), 0)
    for field in fields.indices {
      for block in 0..<grid.count {
        let speed = speeds[field][block]
        guard speed > 0 else { continue }
        let turn = turns[field][block]
        // From upwards over level to downwards; left and right are one.
        let level = turn > 0.25 && turn < 0.75 ? 0.5 - turn : (turn >= 0.75 ? turn - 1 : turn)
        let bin = min(7, max(0, Int((level + 0.25) * 16)))
        folded[bin] += speed
        if speed >= 0.1 { classes[(speed < 0.6 ? 0 : speed < 1.5 ? 8 : 16) + bin] += speed }
        bins[Int((turn * 8).rounded()) % 8] += speed
        net.x += steps[field][block].dx
        net.y += steps[field][block].dy
        path += speed
      }
    }
    let all = classes.reduce(0, +)
    let level = [
      bins[0] + bins[4], bins[1] + bins[3], bins[2], bins[5] + bins[7], bins[6],
    ]
    let sum = bins.reduce(0, +)
    let shares = bins.map { $0 / (sum + 0.5) }
    let entropy = shares.reduce(Float(0)) { $1 > 0 ? $0 - $1 * log($1) : $0 }
    return folded.map { ($0 / (path + 2)).squareRoot() }
      + classes.map { ($0 / (all + 2)).squareRoot() }
      + level.map { ($0 / (sum + 1)).squareRoot() }
      + [
        entropy / log(8), shares.max() ?? 0,
        max(0, 1 - (net.x * net.x + net.y * net.y).squareRoot() / (path + 0.5)),
      ]
  }

  /// `SnippetDescriptorLayout.rhythm`: spectrum over time of the blocks' brightness, 1/16 to
  /// 8/16 of the frame rate: share of each frequency in the tenth of the blocks that change most
  /// and in all; then their size.
  func rhythm() -> [Float] {
    let frames = Array(images.suffix(16))
    let count = frames.count
    guard count > 1 else { return [Float](repeating: 0, count: 32) }
    let middle = frames[count / 2].luma.samples
    let average = middle.reduce(0, +) / Float(middle.count)
    let contrast =
      (middle.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Float(middle.count))
      .squareRoot() + 8
    var series = frames.map { image in
      (0..<grid.count).map {
        (0.299 * image.red[$0] + 0.587 * image.green[$0] + 0.114 * image.blue[$0]) / contrast
      }
    }
    for block in 0..<grid.count {
      let mean = series.reduce(0) { $0 + $1[block] } / Float(count)
      for place in 0..<count {
        let window = 0.5 - 0.5 * cos(2 * Float.pi * Float(place) / Float(count - 1))
        series[place][block] = (series[place][block] - mean) * window
      }
    }
    var powers: [[Float]] = []
    var energy = [Float](repeating: 0, count: grid.count)
    for frequency in 1...8 {
      var real = [Float](repeating: 0, count: grid.count)
      var imaginary = real
      for place in 0..<count {
        let angle = 2 * Float.pi * Float(frequency * place % 16) / 16
        let (cosine, sine) = (cos(angle), sin(angle))
        for block in 0..<grid.count {
          real[block] += cosine * series[place][block]
          imaginary[block] += sine * series[place][block]
        }
      }
      let power = zip(real, imaginary).map { $0 * $0 + $1 * $1 }
      for block in energy.indices { energy[block] += power[block] }
      powers.append(power)
    }
    let top = energy.indices.sorted {
      energy[$0] == energy[$1] ? $0 < $1 : energy[$0] > energy[$1]
    }.prefix(grid.part(10))
    let sums = powers.map { $0.reduce(0, +) }
    let topSums = powers.map { power in top.reduce(0) { $0 + power[$1] } }
    let (whole, topWhole) = (sums.reduce(0, +), topSums.reduce(0, +))
    return topSums.map { $0 / (topWhole + 1e-3) } + sums.map { $0 / (whole + 1e-3) }
      + topSums.map { log(1 + 1e4 * $0 / Float(top.count)) / 10 }
      + sums.map { log(1 + 1e4 * $0 / Float(grid.count)) / 10 }
  }
}
