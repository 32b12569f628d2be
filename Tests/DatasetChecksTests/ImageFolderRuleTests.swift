import Datasets
import Foundation
import TestSupport
import Testing
import Video

@Suite struct ImageFolderRuleTests {
  @Test(
    arguments: [
      ["000.jpg"], ["frame_0001.PNG", "notes.txt"], ["a.jpg", "b2.jpeg"], ["cover.jpg"], [".1.jpg"],
      ["1.txt"], [], ["99999999999999999999.jpg"], ["\u{0663}.jpg"], ["7"],
    ])
  func `the scan takes a folder for a video exactly where Video reads it as one`(names: [String])
    throws
  {
    let folder = try TemporaryFolder()
    for name in names { try Data().write(to: folder.file(name)) }
    let isRead = (try? ImageFolder(path: folder.url.path)) != nil
    #expect(FolderScan.holdsNumberedImages(folder.url) == isRead)
  }
}
