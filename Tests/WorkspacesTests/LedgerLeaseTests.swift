import Foundation
import TestSupport
import Testing
import Workspaces

@Suite("Ledger leases", .blocking)
struct LedgerLeaseTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }
  let start = Date(timeIntervalSince1970: 10_000)

  init() throws {
    fixture = try LedgerFixture()
    try fixture.ledger.register(["a", "b"].map { LedgerFixture.video($0) })
  }

  private func holder(_ token: String, process: ProcessIdentity = .current) -> LeaseHolder {
    LeaseHolder(token: token, process: process, began: start)
  }

  private func claim(
    _ video: String, _ holder: LeaseHolder, intent: String = "i", after seconds: Double = 0
  ) throws -> LedgerClaim {
    try ledger.claim(
      videoID: video, intentKey: intent, for: holder, seconds: 60,
      now: start.addingTimeInterval(seconds))
  }

  @Test("an item is one run's until the lease expires, and then another's")
  func expiry() throws {
    let (one, two) = (holder("one"), holder("two"))
    #expect(try claim("a", one) == .claimed)
    #expect(try claim("a", one, after: 1) == .claimed)
    #expect(try claim("a", two, after: 59) == .held)
    #expect(try claim("b", two, after: 59) == .claimed)
    #expect(try claim("a", two, after: 62) == .claimed)
    #expect(try claim("a", one, after: 63) == .held)
  }

  @Test("another question about the same video is another item")
  func intents() throws {
    #expect(try claim("a", holder("one")) == .claimed)
    #expect(try claim("a", holder("two"), intent: "j") == .claimed)
  }

  @Test("a renewal lengthens all that a run holds and nothing else")
  func renewal() throws {
    let (one, two) = (holder("one"), holder("two"))
    #expect(try claim("a", one) == .claimed)
    #expect(try claim("b", two) == .claimed)
    try ledger.renewLeases(of: one, seconds: 60, now: start.addingTimeInterval(50))
    let later = start.addingTimeInterval(70)
    #expect(try ledger.heldLeases(now: later).map(\.videoID) == ["a"])
    #expect(try claim("a", two, after: 70) == .held)
    #expect(try claim("b", one, after: 70) == .claimed)
  }

  @Test("what a dead process held is free at once; what cannot be seen from here is not")
  func deadProcess() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sleep")
    process.arguments = ["1000"]
    try process.run()
    let identity = try #require(ProcessIdentity(processID: Int(process.processIdentifier)))
    let elsewhere = ProcessIdentity(
      realm: "another machine", processID: identity.processID, startTicks: identity.startTicks)
    #expect(try claim("a", holder("one", process: identity)) == .claimed)
    #expect(try claim("b", holder("far", process: elsewhere)) == .claimed)
    #expect(try claim("a", holder("two"), after: 1) == .held)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(identity.isKnownToHaveEnded && !elsewhere.isKnownToHaveEnded)
    #expect(try claim("a", holder("two"), after: 2) == .claimed)
    #expect(try claim("b", holder("two"), after: 2) == .held)
  }

  @Test("a number that was given to another process is not taken for the first one")
  func reusedNumber() {
    let own = ProcessIdentity.current
    #expect(!own.isKnownToHaveEnded)
    let earlier = ProcessIdentity(
      realm: own.realm, processID: own.processID, startTicks: own.startTicks - 1)
    #expect(earlier.isKnownToHaveEnded)
  }

  @Test("an answer ends the lease, and the item is answered for everybody")
  func answered() throws {
    #expect(try claim("a", holder("one")) == .claimed)
    try fixture.answer("a", request: "r", intent: "i", text: "Smoke.")
    #expect(try ledger.heldLeases(now: start).isEmpty)
    #expect(try claim("a", holder("two")) == .answered)
  }

  @Test("a released item is free; a failed one is not tried again by runs that began before")
  func release() throws {
    let (one, two) = (holder("one"), holder("two"))
    #expect(try claim("a", one) == .claimed)
    // Only the holder can give it back.
    try ledger.release(videoID: "a", intentKey: "i", by: two, hasFailed: false)
    #expect(try claim("a", two) == .held)
    try ledger.release(videoID: "a", intentKey: "i", by: one, hasFailed: false)
    #expect(try claim("a", two) == .claimed)
    try ledger.release(
      videoID: "a", intentKey: "i", by: two, hasFailed: true, now: start.addingTimeInterval(5))
    #expect(try claim("a", one, after: 6) == .failed)
    #expect(try ledger.heldLeases(now: start).isEmpty)
    let later = LeaseHolder(token: "three", began: start.addingTimeInterval(10))
    #expect(try claim("a", later, after: 11) == .claimed)
  }

  @Test("eight connections that want the same items share them without overlap")
  func contention() throws {
    let videos = (0..<20).map { LedgerFixture.video("v\($0)") }
    try ledger.register(videos)
    let file = ledger.file
    let taken = WorkLog()
    DispatchQueue.concurrentPerform(iterations: 8) { number in
      do {
        let ledger = try Ledger(at: file)
        let holder = holder("run \(number)")
        for video in videos {
          let claim = try ledger.claim(
            videoID: video.id, intentKey: "i", for: holder, seconds: 60, now: start)
          if claim == .claimed { taken.note(video.id) }
        }
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(taken.names.sorted() == videos.map(\.id).sorted())
  }

  @Test("eight connections that open a new ledger at once all get it")
  func openedAtOnce() throws {
    for round in 0..<5 {
      let file = fixture.folder.file("new-\(round)/ledger.sqlite")
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        do {
          #expect(try Ledger(at: file).videos().isEmpty)
        } catch {
          Issue.record("\(error)")
        }
      }
    }
  }
}
