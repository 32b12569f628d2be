import Detectors
import Tensors
import Testing
import Training

@Suite struct CalibrationFoldsTests {
  private func sample(_ id: String, _ isAnomalous: Bool, group: String? = nil) -> TrainingSample {
    TrainingSample(
      videoID: id, features: Tensor(shape: [1, 1]), isAnomalous: isAnomalous,
      classIndices: [isAnomalous ? 1 : 0], group: group)
  }

  @Test("every sample is in one part, and parts are alike", arguments: [2, 3, 4, 7])
  func parts(count: Int) {
    let samples = (0..<50).map { sample("v\($0)", $0 % 5 < 2) }
    let folds = CalibrationFolds.deal(samples, parts: count, seed: 1)
    #expect(folds.count == count)
    #expect(folds.flatMap { $0.map(\.videoID) }.sorted() == samples.map(\.videoID).sorted())
    for side in [false, true] {
      let sizes = folds.map { $0.count { $0.isAnomalous == side } }
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 9) <= 1, "\(sizes)")
    }
    let again = CalibrationFolds.deal(samples, parts: count, seed: 1)
    #expect(again.map { $0.map(\.videoID) } == folds.map { $0.map(\.videoID) })
    let other = CalibrationFolds.deal(samples, parts: count, seed: 2)
    #expect(other.map { $0.map(\.videoID) } != folds.map { $0.map(\.videoID) })
  }

  @Test("a scene is never split, nor are crops of a video")
  func scenes() {
    let samples = (0..<40).flatMap { index in
      (0..<2).map { _ in sample("v\(index)", index % 2 == 0, group: "scene\(index % 4)") }
    }
    let folds = CalibrationFolds.deal(samples, parts: 4, seed: 0)
    // Two scenes are normal, two abnormal: two parts at most have both.
    #expect(folds.count == 2)
    let places = folds.map { Set($0.map(\.group)) }
    #expect(places[0].isDisjoint(with: places[1]) && places.allSatisfy { $0.count == 2 })
  }

  @Test("where no two parts leave both sides to train on there are none")
  func tooFew() {
    let one = [sample("a", false), sample("b", true)]
    #expect(CalibrationFolds.deal(one, parts: 4, seed: 0).isEmpty)
    let oneScene = (0..<20).map { sample("v\($0)", $0 % 2 == 0, group: "only") }
    #expect(CalibrationFolds.deal(oneScene, parts: 4, seed: 0).isEmpty)
    #expect(CalibrationFolds.deal([], parts: 4, seed: 0).isEmpty)
  }
}
