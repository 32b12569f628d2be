import Datasets
import Evaluation
import Pipeline
import Reports
import Tensors
import Testing

@Suite struct ScoredClassesTests {
  private let descriptor = DatasetDescriptor(
    name: "d", title: "D", layout: .xd,
    classes: [ClassDescriptor(name: "Calm", isNormal: true, code: "A"), ClassDescriptor(name: "X")])

  @Test("the normal class is the descriptor's, or else the one that is called normal")
  func normal() {
    #expect(ScoredClasses(["Calm", "X"], of: descriptor).normal == "Calm")
    #expect(ScoredClasses(["X", "Normal"], of: descriptor).normal == "Normal")
    #expect(ScoredClasses(["Calm", "X"]).normal == nil)
    #expect(ScoredClasses(["a", "normal_videos"]).normal == "normal_videos")
    #expect(ScoredClasses().normal == nil)
  }

  @Test("an event's card names its most likely anomaly class, and the curves leave normal out")
  func events() {
    // Fighting has the highest peak, but Arson the higher mean over the first event.
    let rows: [[Float]] = [
      [0.9, 0.05, 0.05], [0.1, 0.6, 0.3], [0.2, 0.1, 0.7], [0.9, 0.05, 0.05], [0.1, 0.9, 0],
    ]
    let video = ScoredVideo(
      id: "v", scores: rows.map { 1 - $0[0] },
      classScores: Tensor(shape: [5, 3], scalars: rows.flatMap(\.self)), frameCount: 85,
      frameRate: 16)
    let card = ReportBuilder(
      threshold: 0.5, classes: ScoredClasses(["Normal", "Fighting", "Arson"])
    ).video(video)
    #expect(card.detections.map(\.className) == ["Arson", "Fighting"])
    #expect(card.detections.map(\.startSeconds) == [1, 4])
    #expect(abs((card.detections[0].classScore ?? 0) - 0.5) < 1e-6)
    #expect(card.classCurves?.map(\.name) == ["Fighting", "Arson"])
    let plain = ReportBuilder(threshold: 0.5).video(
      ScoredVideo(id: "v", scores: [0.1, 0.9], frameCount: 32))
    #expect(plain.classCurves == nil && plain.detections.map(\.className) == [nil])
  }
}
