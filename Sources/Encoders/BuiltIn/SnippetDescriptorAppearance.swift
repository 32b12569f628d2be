import Foundation

/// The parts of the descriptor about light and colour.
extension SnippetDescriptor {
  /// `SnippetDescriptorLayout.light`: step of mean brightness over the snippet, up
  /// and down; greatest step of a frame, up and down; deviation; brightened and
  /// darkened part of the picture, mean and greatest; flashes (up and down again);
  /// fire-like part that was not so at the start, mean, greatest and last; smoke-like
  /// likewise; newly bright part, greatest; change of red, green and blue over the
  /// snippet, mean over blocks signed and absolute; saturation step; hues (6) of what
  /// changed; its saturation, and its brightness against the rest.
  func light() -> [Float] {
    let count = Float(columns * rows)
    let brightness = images.map(\.meanBrightness)
    let steps = zip(brightness, brightness.dropFirst()).map { $1 - $0 }
    let mean = brightness.reduce(0, +) / Float(brightness.count)
    let deviation =
      (brightness.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(brightness.count))
      .squareRoot()
    let colours = images.map { image in (0..<image.blockCount).map { image.colour($0) } }
    let start = colours[0]
    var (brighter, darker, fire, smoke, glare): ([Float], [Float], [Float], [Float], [Float]) = (
      [], [], [], [], []
    )
    for (later, change) in zip(colours.dropFirst(), changes) {
      var sums: (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
      for block in start.indices {
        let colour = later[block]
        let step = colour.brightness - start[block].brightness
        if step > 20 { sums.0 += 1 }
        if step < -20 { sums.1 += 1 }
        if colour.isFireLike && !start[block].isFireLike { sums.2 += 1 }
        if colour.isSmokeLike, change[block] > 0, abs(step) > 6 { sums.3 += 1 }
        if colour.brightness > 220 && start[block].brightness < 190 { sums.4 += 1 }
      }
      brighter.append(sums.0 / count)
      darker.append(sums.1 / count)
      fire.append(sums.2 / count)
      smoke.append(sums.3 / count)
      glare.append(sums.4 / count)
    }
    func root(_ value: Float, _ scale: Float = 1) -> Float { (max(0, value) * scale).squareRoot() }
    func average(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
    let rise = steps.max() ?? 0
    let fall = -(steps.min() ?? 0)
    let last = images[images.count - 1]
    let overall = brightness[brightness.count - 1] - brightness[0]
    var result = [
      root(overall, 1 / 32), root(-overall, 1 / 32), root(rise, 1 / 16), root(fall, 1 / 16),
      root(deviation, 1 / 16), root(average(brighter)), root(brighter.max() ?? 0),
      root(average(darker)), root(darker.max() ?? 0), root(min(rise, fall), 1 / 8),
      root(average(fire), 2), root(fire.max() ?? 0, 2), root(fire[fire.count - 1], 2),
      root(average(smoke), 2), root(smoke.max() ?? 0, 2), root(smoke[smoke.count - 1], 2),
      root(glare.max() ?? 0, 4),
    ]
    for (before, after) in [
      (images[0].red, last.red), (images[0].green, last.green), (images[0].blue, last.blue),
    ] {
      let signed = zip(before, after).reduce(Float(0)) { $0 + $1.1 - $1.0 } / count
      let absolute = zip(before, after).reduce(Float(0)) { $0 + abs($1.1 - $1.0) } / count
      result += [Self.signedRoot(signed / 32), root(absolute, 1 / 32)]
    }
    let saturation =
      zip(colours[colours.count - 1], start).reduce(Float(0)) {
        $0 + $1.0.saturation - $1.1.saturation
      }
      / count
    return result + [Self.signedRoot(saturation * 4)] + coloursOfChange(colours)
  }

  private func coloursOfChange(_ colours: [[MotionColour]]) -> [Float] {
    var hues = [Float](repeating: 0, count: 6)
    var (weight, saturation, brightness): (Float, Float, Float) = (0, 0, 0)
    for (place, change) in changes.enumerated() {
      let mean = images[place + 1].meanBrightness
      for block in change.indices where change[block] > 0 {
        let colour = colours[place + 1][block]
        let share = min(change[block], 16)
        hues[min(5, Int(colour.hue))] += share * colour.saturation
        saturation += share * colour.saturation
        brightness += share * (colour.brightness - mean)
        weight += share
      }
    }
    guard weight > 0 else { return [Float](repeating: 0, count: 8) }
    return hues.map { ($0 / weight).squareRoot() }
      + [(saturation / weight).squareRoot(), Self.signedRoot(brightness / weight / 64)]
  }
}
