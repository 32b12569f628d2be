import Foundation

/// The parts of the descriptor about gradients, light and colour.
extension SnippetDescriptor {
  /// `SnippetDescriptorLayout.gradients`.
  func gradients() -> [Float] {
    let middle = images.count / 2
    var total = [Float](repeating: 0, count: columns * rows)
    for change in changes {
      for block in total.indices { total[block] += change[block] }
    }
    let weights = total.map { min(1, $0 / Float(4 * changes.count)) }
    let changed = quarters(images[middle], weights: weights)
    let before = quarters(images[0], weights: weights)
    let after = quarters(images[images.count - 1], weights: weights)
    return changed.map { ($0 / 4).squareRoot() }
      + zip(after, before).map { Self.signedRoot(($0 - $1) / 4) }
  }

  /// Gradient magnitude by orientation (8 over the half circle) in each quarter of
  /// the picture, the mean over its pixels, blocks weighted.
  private func quarters(_ image: MotionImage, weights: [Float]) -> [Float] {
    var bins = [Float](repeating: 0, count: 32)
    let side = MotionImage.blockSide
    let plane = image.luma
    let (middleX, middleY) = (columns / 2, rows / 2)
    plane.samples.withUnsafeBufferPointer { samples in
      for block in weights.indices where weights[block] > 0 {
        let (column, row) = (block % columns, block / columns)
        let quarter = ((row < middleY ? 0 : 2) + (column < middleX ? 0 : 1)) * 8
        for y in max(1, row * side)..<min(plane.height - 1, (row + 1) * side) {
          for x in max(1, column * side)..<min(plane.width - 1, (column + 1) * side) {
            let place = y &* plane.width &+ x
            let gx = samples[place &+ 1] - samples[place &- 1]
            let gy = samples[place &+ plane.width] - samples[place &- plane.width]
            bins[quarter &+ Self.orientation(gx, gy)] +=
              weights[block] * (abs(gx) + abs(gy))
          }
        }
      }
    }
    let scale = 4 / Float(columns * rows * side * side)
    return bins.map { $0 * scale }
  }

  /// The gradient's orientation, one of 8 over the half circle, by comparing slopes: tan 22.5°
  /// and 1.
  private static func orientation(_ gx: Float, _ gy: Float) -> Int {
    let (x, y) = gy < 0 ? (-gx, -gy) : (gx, gy)
    let flat = abs(x)
    let steep =
      y < 0.41421356 * flat ? 0 : y < flat ? 1 : y * 0.41421356 < flat ? 2 : 3
    return x >= 0 ? steep : 7 - steep
  }

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
    let start = (0..<(columns * rows)).map { images[0].colour($0) }
    var (brighter, darker, fire, smoke, glare): ([Float], [Float], [Float], [Float], [Float]) = (
      [], [], [], [], []
    )
    for (image, change) in zip(images.dropFirst(), changes) {
      var sums: (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
      for block in start.indices {
        let colour = image.colour(block)
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
      start.indices.reduce(Float(0)) { $0 + last.colour($1).saturation - start[$1].saturation }
      / count
    return result + [Self.signedRoot(saturation * 4)] + coloursOfChange()
  }

  private func coloursOfChange() -> [Float] {
    var hues = [Float](repeating: 0, count: 6)
    var (weight, saturation, brightness): (Float, Float, Float) = (0, 0, 0)
    for (image, change) in zip(images.dropFirst(), changes) {
      for block in change.indices where change[block] > 0 {
        let colour = image.colour(block)
        let share = min(change[block], 16)
        hues[min(5, Int(colour.hue))] += share * colour.saturation
        saturation += share * colour.saturation
        brightness += share * (colour.brightness - image.meanBrightness)
        weight += share
      }
    }
    guard weight > 0 else { return [Float](repeating: 0, count: 8) }
    return hues.map { ($0 / weight).squareRoot() }
      + [(saturation / weight).squareRoot(), Self.signedRoot(brightness / weight / 64)]
  }

  /// `SnippetDescriptorLayout.scene`: mean and deviation of brightness, saturation,
  /// dark and bright part, red and blue against green, edges, then 8 classes of block
  /// brightness.
  func scene() -> [Float] {
    let image = images[images.count / 2]
    let count = Float(image.blockCount)
    let colours = (0..<image.blockCount).map { image.colour($0) }
    let mean = colours.reduce(0) { $0 + $1.brightness } / count
    let deviation =
      (colours.reduce(0) { $0 + ($1.brightness - mean) * ($1.brightness - mean) } / count)
      .squareRoot()
    let texture = BlockComparison(image.luma, image.luma).texture
    var classes = [Float](repeating: 0, count: 8)
    for colour in colours { classes[min(7, Int(colour.brightness / 32))] += 1 / count }
    let (red, green, blue) = (
      image.red.reduce(0, +) / count, image.green.reduce(0, +) / count,
      image.blue.reduce(0, +) / count
    )
    return [
      mean / 255, deviation / 80, colours.reduce(0) { $0 + $1.saturation } / count,
      Float(colours.filter { $0.brightness < 40 }.count) / count,
      Float(colours.filter { $0.brightness > 215 }.count) / count,
      Self.signedRoot((red - green) / 64), Self.signedRoot((blue - green) / 64),
      (texture.reduce(0, +) / count / 40),
    ] + classes.map { $0.squareRoot() }
  }
}
