import Records
import Reports
import Testing

@Suite struct ScoreThinningTests {
  private func scores(_ count: Int) -> [ReportScore] {
    var generator = SeededGenerator(seed: 5)
    return (0..<count).map {
      ReportScore(
        startSeconds: Double($0), endSeconds: Double($0 + 1), score: generator.nextUniform())
    }
  }

  @Test("as many scores as fit stay as they are")
  func unchanged() {
    #expect(ScoreThinning.thin(scores(100), limit: 100) == scores(100))
  }

  @Test("thinning keeps the highest and the lowest score and covers the same time in order")
  func keepsExtremes() throws {
    for count in [101, 500, 6001] {
      let all = scores(count)
      let thin = ScoreThinning.thin(all, limit: 100)
      #expect(thin.count <= 100)
      #expect(thin.map(\.score).max() == all.map(\.score).max())
      #expect(thin.map(\.score).min() == all.map(\.score).min())
      #expect(thin.first?.startSeconds == 0 && thin.last?.endSeconds == Double(count))
      #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.endSeconds == $1.startSeconds })
    }
  }

  @Test("a single high score among thousands stays at its place")
  func keepsPeak() throws {
    var all = (0..<5000).map {
      ReportScore(startSeconds: Double($0), endSeconds: Double($0 + 1), score: 0.1)
    }
    all[3210].score = 0.9
    let thin = ScoreThinning.thin(all, limit: 200)
    let peak = try #require(thin.first { $0.score == 0.9 })
    #expect(abs(peak.startSeconds - 3210) <= 50)
  }
}
