import DemoData
import Testing

@Suite struct JoinPlanTests {
  private func clips(_ count: Int, isFight: Bool) -> [ClipFolder.Clip] {
    (1...count).map {
      .init(path: "\(isFight ? "fight/fi" : "noFight/nofi")\($0).mp4", isFight: isFight)
    }
  }

  private func plan(
    _ shuffle: Int, fights: Int = 100, others: Int = 100, seed: UInt64 = 7, mixed: Bool = false
  ) -> JoinPlan {
    JoinPlan(
      fights: clips(fights, isFight: true), others: clips(others, isFight: false),
      shuffle: shuffle, seed: seed, mixesFifths: mixed)
  }

  @Test(
    "a shuffle tests on its fifth of consecutive numbers alone", arguments: 1...5, [false, true])
  func fifths(shuffle: Int, mixed: Bool) {
    let plan = plan(shuffle, mixed: mixed)
    let tested = Set(plan.videos.filter { !$0.isTraining }.flatMap(\.clips))
    let trained = Set(plan.videos.filter(\.isTraining).flatMap(\.clips))
    let fifth = (shuffle - 1) * 20..<shuffle * 20
    #expect(
      tested
        == Set(clips(100, isFight: true)[fifth]).union(clips(100, isFight: false)[fifth]))
    #expect(trained.count == 160 && trained.isDisjoint(with: tested))
  }

  @Test("60 and 60 train, 30 and 30 test; a video has six clips, fights adjacent")
  func videos() {
    let plan = plan(2)
    for (isTraining, size) in [(true, 60), (false, 30)] {
      for isAnomalous in [true, false] {
        #expect(
          plan.videos.count { $0.isTraining == isTraining && $0.isAnomalous == isAnomalous }
            == size)
      }
    }
    for video in plan.videos {
      #expect(video.clips.count == 6 && Set(video.clips).count == 6)
      let places = video.clips.indices.filter { video.clips[$0].isFight }
      #expect(video.isAnomalous ? (1...2).contains(places.count) : places.isEmpty)
      #expect(places.last ?? 0 == (places.first ?? 0) + max(0, places.count - 1))
    }
    let abnormal = plan.videos.filter(\.isAnomalous)
    let fights = abnormal.flatMap(\.clips).count { $0.isFight }
    // 45 tested; 15 of each of four scenes, in turn 1 and 2 from 1 on, are 22 each.
    #expect(fights == 45 + 4 * 22)
    #expect(Set(abnormal.map { $0.clips.firstIndex { $0.isFight } }).count == 6)
    #expect(Set(plan.videos.map(\.name)).count == 180)
  }

  @Test("training videos of different scenes share no clip, and mixed ones have no scene")
  func scenes() {
    let training = plan(3).videos.filter(\.isTraining)
    let scenes = Dictionary(grouping: training, by: \.scene)
    #expect(scenes.keys.sorted() == ["fifth1", "fifth2", "fifth4", "fifth5"])
    var owner: [ClipFolder.Clip: String] = [:]
    for video in training {
      for clip in video.clips {
        #expect(owner[clip] ?? video.scene == video.scene)
        owner[clip] = video.scene
      }
    }
    for members in scenes.values {
      #expect(members.count { $0.isAnomalous } == 15 && members.count == 30)
    }
    #expect(Set(plan(3, mixed: true).videos.filter(\.isTraining).map(\.scene)) == [""])
  }

  @Test("every clip is used before one is used twice more")
  func decks() {
    let training = plan(1).videos.filter { $0.isTraining && !$0.isAnomalous }
    let uses = Dictionary(training.flatMap(\.clips).map { ($0, 1) }, uniquingKeysWith: +)
    #expect((uses.values.max() ?? 0) - (uses.values.min() ?? 0) <= 2 && uses.count == 80)
  }

  @Test("a seed gives one plan and another seed another; uneven numbers of clips go")
  func seeds() {
    #expect(plan(1) == plan(1))
    #expect(plan(1).videos != plan(1, seed: 8).videos)
    #expect(plan(5, fights: 151, others: 33).videos.count == 180)
  }
}
