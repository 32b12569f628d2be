import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite struct SparseFramesTests {
  @Test(
    "On every fixture the index has the reader's times, and any wanted set the reader's frames",
    arguments: VideoFixtures.names)
  func fixtures(name: String) throws {
    try SparseCheck.equalsSequential(VideoFixtures.path(name))
  }
}
