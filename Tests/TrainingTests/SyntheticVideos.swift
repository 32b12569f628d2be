import Records
import Tensors
import Training

/// Made-up training videos with a weak signal: noise snippets; in an anomalous
/// video a few snippets in a row have a direction of their class added.
struct SyntheticVideos {
  var samples: [TrainingSample] = []
  /// Which snippets carry the signal, a list a video.
  var events: [[Bool]] = []

  init(
    count: Int, snippets: Int = 15, width: Int = 32, textWidth: Int = 16, classes: Int = 4,
    strength: Double = 1, eventLength: Int = 4, seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    // The directions are the data set's own: the same for every seed.
    var directionGenerator = SeededGenerator(seed: 77)
    func vector(_ count: Int, _ scale: Double, _ generator: inout SeededGenerator) -> [Float] {
      (0..<count).map { _ in Float(generator.nextNormal() * scale) }
    }
    let directions = (0..<classes).map { _ in vector(width, strength, &directionGenerator) }
    let texts = (0..<classes).map { _ in vector(textWidth, 1, &directionGenerator) }
    for index in 0..<count {
      let isAnomalous = index % 2 == 1
      let kind = isAnomalous ? 1 + (index / 2) % (classes - 1) : 0
      var features = vector(snippets * width, 1, &generator)
      var event = [Bool](repeating: false, count: snippets)
      if isAnomalous {
        let start = Int.random(in: 0...(snippets - eventLength), using: &generator)
        for step in start..<start + eventLength {
          event[step] = true
          for column in 0..<width { features[step * width + column] += directions[kind][column] }
        }
      }
      let noise = vector(textWidth, 0.3, &generator)
      samples.append(
        TrainingSample(
          videoID: "video\(index)", features: Tensor(shape: [snippets, width], scalars: features),
          isAnomalous: isAnomalous, classIndices: [kind],
          description: zip(texts[kind], noise).map { $0 + $1 }, group: "scene\(index / 4)"))
      events.append(event)
    }
  }
}

extension TrainingSample {
  /// The sample with other numbers in its features.
  func changed(_ change: (inout [Float]) -> Void) throws -> TrainingSample {
    var (sample, tensor) = (self, try features.tensor())
    change(&tensor.scalars)
    sample.features = SnippetRows(tensor)
    return sample
  }
}
