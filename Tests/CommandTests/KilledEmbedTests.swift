import Foundation
import Records
import TestSupport
import Testing

/// `kill -9` at random moments of `embed run` and `embed gc`: 8 in `make test`, 200 in
/// `make soak`.
@Suite(.blocking) struct KilledEmbedTests {
  private static let kills = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1" ? 200 : 8

  @Test("no vector that was stored is lost, and no text is embedded again")
  func nothingIsLost() throws {
    var space = try StoredDescriptions(videos: 300, in: TemporaryFolder())
    // The first run is held before its end and killed once it has stored something: one kill
    // falls between two files however busy the machine is.
    let gate = AnswerGate(5)
    let server = try TextHashServer.start(delayMicroseconds: 2_000, gate: gate)
    defer {
      gate.open()
      server.stop()
    }
    // Every group of texts gets a file of its own, so that there is much to break off.
    let run = ["--encoder", server.base, "--long", "truncate", "--store-every", "0"]
    var generator = SeededGenerator(seed: 20_261_121)
    var stored: Set<String> = []
    var killedBetweenFiles = 0
    for round in 0..<Self.kills {
      let before = server.requests.count
      let askedBefore = TextHashServer.asked(server).count
      let isCollection = round % 4 == 3 && !stored.isEmpty
      let microseconds = UInt32(generator.next() % (isCollection ? 60_000 : 30_000))
      let answers = Int(generator.next() % 14)
      let killed = try space.embed(isCollection ? ["gc"] : run) { [space] process in
        if round == 0 {
          while (try? space.recordedHashes().isEmpty) ?? true, process.isRunning { usleep(500) }
          kill(process.processIdentifier, SIGKILL)
          return gate.open()
        }
        while !isCollection, server.requests.count < before + answers, process.isRunning {
          usleep(500)
        }
        usleep(microseconds)
        kill(process.processIdentifier, SIGKILL)
      }
      #expect([0, SIGKILL].contains(killed.exitCode), "\(killed.standardError)")
      let asked = Set(
        TextHashServer.asked(server).dropFirst(askedBefore).map { ContentHash.of(Data($0.utf8)) })
      #expect(asked.isDisjoint(with: stored), "embedded again although stored")

      let now = try space.recordedHashes()
      // A collection takes what nobody uses, and nothing else.
      let used = Set(space.texts.values.map { ContentHash.of(Data($0.utf8)) })
      let owed = isCollection ? stored.intersection(used) : stored
      #expect(owed.isSubset(of: now), "\(owed.subtracting(now).count) stored vectors are lost")
      if killed.exitCode == SIGKILL, !now.subtracting(stored).isEmpty { killedBetweenFiles += 1 }
      if !now.isEmpty {
        let verified = try space.embed(["verify"])
        #expect(verified.exitCode == 0, "\(verified.standardOutput)\(verified.standardError)")
      }
      stored = now
      if used.isSubset(of: now) { try space.describe((0..<200).map { "v\($0)" }) }
    }
    #expect(killedBetweenFiles > 0)
    let last = try space.embed(run)
    #expect(last.exitCode == 0, "\(last.standardError)")
    #expect(try space.embed(["verify"]).standardOutput.contains("all well"))
    let vectors = try space.exportedVectors()
    #expect(vectors.count == 300)
    for (video, vector) in vectors {
      let right = TextHashServer.vector(of: space.texts[video] ?? "")
      #expect(zip(vector, right).allSatisfy { abs($0 - $1) < 1e-5 }, "\(video)")
    }
    print("\(Self.kills) kills, \(killedBetweenFiles) of them between two files of one run")
  }
}
