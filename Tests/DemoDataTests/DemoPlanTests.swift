import DemoData
import Testing

@Suite struct DemoPlanTests {
  @Test(arguments: [UInt64(1), 2, 77])
  func `the default plan is balanced, keeps scenes apart and has every anomaly in both splits`(
    seed: UInt64
  ) {
    let plan = DemoPlan(seed: seed, count: DemoDataset.defaultClipCount)
    let training = plan.clips.filter(\.isTraining)
    let test = plan.clips.filter { !$0.isTraining }
    #expect(training.count == 56 && test.count == 24)
    #expect(training.filter { $0.className == "Normal" }.count == 28)
    #expect(test.filter { $0.className == "Normal" }.count == 12)
    #expect(Set(training.map(\.scene)).isDisjoint(with: test.map(\.scene)))
    for split in [training, test] {
      let classes = Set(split.map(\.className))
      #expect(classes == Set(DemoPlan.anomalyClasses + ["Normal"]))
      for scene in Set(split.map(\.scene)) {
        let members = split.filter { $0.scene == scene }
        // A scene tells nothing about the label.
        #expect(members.contains { $0.className == "Normal" })
        #expect(members.contains { $0.className != "Normal" })
      }
    }
    #expect(Set(plan.clips.map(\.name)).count == 80)
  }

  @Test func `accidents happen where there are roads`() {
    for seed in UInt64(0)..<20 {
      let plan = DemoPlan(seed: seed, count: 80)
      // Layouts take turns: street, crossing, car park, shop front, yard.
      #expect(plan.clips.allSatisfy { $0.className != "RoadAccidents" || $0.scene % 5 < 3 })
    }
  }

  @Test func `a seed gives one plan and another seed another`() {
    #expect(DemoPlan(seed: 3, count: 20) == DemoPlan(seed: 3, count: 20))
    #expect(DemoPlan(seed: 3, count: 20) != DemoPlan(seed: 4, count: 20))
  }

  @Test(arguments: [4, 7, 10, 23, 120])
  func `every size has both splits with both labels`(count: Int) {
    let plan = DemoPlan(seed: 1, count: count)
    #expect(plan.clips.count == count)
    for isTraining in [true, false] {
      let split = plan.clips.filter { $0.isTraining == isTraining }
      #expect(split.contains { $0.className == "Normal" })
      #expect(split.contains { $0.className != "Normal" })
    }
  }
}
