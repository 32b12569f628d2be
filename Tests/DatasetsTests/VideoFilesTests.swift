import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct VideoFilesTests {
  @Test func aFoldersVideosComeSortedWithoutTheRest() throws {
    let folder = try TemporaryFolder()
    for name in ["b.MP4", "a.mkv", "notes.txt", ".hidden.mp4", "c.avi"] {
      try Data("x".utf8).write(to: folder.file(name))
    }
    try FileManager.default.createDirectory(
      at: folder.file("folder.mp4"), withIntermediateDirectories: true)
    #expect(
      VideoFiles.list(in: folder.url).map(\.lastPathComponent) == ["a.mkv", "b.MP4", "c.avi"])
    #expect(VideoFiles.list(in: folder.file("none")).isEmpty)
  }

  @Test func theExtensionDecidesInAnyCase() {
    #expect(VideoFiles.isVideo(path: "/x/clip.WebM"))
    #expect(!VideoFiles.isVideo(path: "/x/mp4"))
    #expect(!VideoFiles.isVideo(path: "/x/clip.jpg"))
  }
}
