import DescriptionFeatures
import Testing

@Suite struct TextFeatureQualityTests {
  private let classes: [String: Set<String>] = ["a": ["F"], "b": ["F"], "c": ["N"], "d": ["N"]]

  @Test("two tight classes at right angles, by hand")
  func byHand() throws {
    let figures = TextFeatureQuality(
      vectors: ["a": [1, 0], "b": [0.6, 0.8], "c": [0, 1], "d": [0, 1]], classes: classes)
    // Cosines: ab 0.6, ac 0, ad 0, bc 0.8, bd 0.8, cd 1.
    #expect(figures.descriptions == 4 && figures.compared == 4)
    #expect(figures.duplicateShare == 0.5 && figures.nearDuplicateShare == 0.5)
    #expect(abs(figures.meanCosine - 3.2 / 6) < 1e-6)
    #expect(abs(try #require(figures.separation) - (0.8 - 0.4)) < 1e-6)
    // b's nearest is c or d, of the other class.
    #expect(figures.neighbourAgreement == 0.75)
    #expect(abs(try #require(figures.neighbourChance) - 4.0 / 12) < 1e-9)
    #expect(figures.classes.map(\.name) == ["F", "N"])
    #expect(abs(try #require(figures.classes[0].within) - 0.6) < 1e-6)
    #expect(abs(try #require(figures.classes[0].toOthers) - 0.4) < 1e-6)
    #expect(figures.video == nil)
  }

  @Test("a description's fit to its own video, by hand")
  func videos() throws {
    let figures = TextFeatureQuality(
      vectors: ["a": [1, 0], "b": [0, 1], "c": [0, 1]], classes: [:],
      pictures: ["a": [0.8, 0.6], "b": [0.6, 0.8], "c": [1, 0], "other": [0, 1]])
    let video = try #require(figures.video)
    // Own: 0.8, 0.8, 0. Others: a 0.6 and 1, b 0.6 and 0, c 0.6 and 0.8.
    #expect(video.videos == 3)
    #expect(abs(video.own - 1.6 / 3) < 1e-6)
    #expect(abs(video.others - 3.6 / 6) < 1e-6)
    #expect(abs(video.firstShare - 1.0 / 3) < 1e-9 && abs(video.chance - 1.0 / 3) < 1e-9)
    #expect(figures.separation == nil && figures.neighbourAgreement == nil)
    #expect(figures.classes.isEmpty)
  }

  @Test("one description, or none, also has figures")
  func few() {
    #expect(TextFeatureQuality(vectors: [:], classes: [:]).nearDuplicateShare == 0)
    #expect(TextFeatureQuality(vectors: ["a": [1]], classes: classes).compared == 1)
  }

  @Test("several blocks of rows give the same figures as one block")
  func blocks() {
    let many = Dictionary(
      uniqueKeysWithValues: (0..<600).map { number in
        let angle = Float(number % 30) / 30
        return ("v\(number)", [angle, (1 - angle * angle).squareRoot()])
      })
    let figures = TextFeatureQuality(vectors: many, classes: [:])
    #expect(figures.duplicateShare == 1)
    let exact = many.values.reduce(into: [Double(0), 0]) {
      $0[0] += Double($1[0])
      $0[1] += Double($1[1])
    }
    let expected = (exact[0] * exact[0] + exact[1] * exact[1] - 600) / (600 * 599)
    #expect(abs(figures.meanCosine - expected) < 1e-5)
  }
}
