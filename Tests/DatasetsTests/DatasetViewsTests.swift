import Datasets
import Foundation
import TestSupport
import Testing
import Video

/// The descriptor's keys `pixelAspect` and `ignore`, and what a folder's listing finds.
@Suite struct DatasetViewsTests {
  private let folder: TemporaryFolder
  private static let head = """
    name: yard
    title: Yard
    layout: folders
    classes: [{name: normal, isNormal: true}, {name: odd}]

    """

  init() throws {
    folder = try TemporaryFolder()
    for name in ["normal/cam1_a.mp4", "odd/cam2_b.mp4"] {
      let url = folder.file("videos/\(name)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("not opened here".utf8).write(to: url)
    }
  }

  private func open(_ lines: String) throws -> Dataset {
    let file = folder.file("yard.yaml")
    try Data((Self.head + lines).utf8).write(to: file)
    return try DatasetCatalog.open(
      DatasetDescriptorFile.read(file), root: folder.file("videos").path)
  }

  @Test func oneValueIsForAllVideosAndPatternsForSome() throws {
    let dataset = try open(
      """
      pixelAspect: 24:11
      ignore:
        "*": [[0, 0], [0.5, 0], [0.5, 0.5]]
        "cam2*": "0.5,0.5,1,0.5,1,1"
      """)
    let views = Dictionary(uniqueKeysWithValues: dataset.videos.map { ($0.id, $0.view) })
    let aspect = PixelAspect(width: 24, height: 11)
    #expect(views["cam1_a"]?.pixelAspect == aspect && views["cam2_b"]?.pixelAspect == aspect)
    let upper = try RegionMask(
      polygons: [[.init(x: 0, y: 0), .init(x: 0.5, y: 0), .init(x: 0.5, y: 0.5)]], name: "")
    #expect(views["cam1_a"]?.mask == upper && views["cam2_b"]?.mask != upper)
    #expect(dataset.views.keyText?.contains("cam2*") == true)
  }

  @Test func masksLieBesideTheDescriptorOrBelowTheRoot() throws {
    let text = Data("0,0,0.5,0,0.5,0.5\n".utf8)
    try text.write(to: folder.file("beside.txt"))
    try text.write(to: folder.file("videos/below.txt"))
    let beside = try open("ignore: beside.txt")
    let below = try open("ignore: below.txt")
    #expect(beside.videos[0].view == below.videos[0].view)
    #expect(beside.videos[0].view.mask != nil)
    let missing = #expect(throws: VideoError.self) { try open("ignore: none.png") }
    #expect(missing?.description.contains("none.png: no such file") == true)
  }

  @Test func aValueThatIsNoAspectIsRefusedWithTheFile() {
    let error = #expect(throws: DatasetError.self) { try open("pixelAspect: wide") }
    #expect(error?.description.contains("yard.yaml") == true)
    #expect(error?.description.contains("'wide' is not a pixel aspect") == true)
  }

  @Test func videosAsRecordedHaveNoKey() throws {
    let dataset = try open("")
    #expect(dataset.views.keyText == nil)
    #expect(dataset.videos.allSatisfy { $0.view == .asRecorded })
  }

  @Test func aPlaylistsSegmentsAreNoVideosOfTheirOwn() throws {
    let list = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\ns0.ts\n#EXTINF:2,\ns1.ts\n"
    for (name, text) in [("list.m3u8", list), ("s0.ts", "a"), ("s1.ts", "b"), ("s2.ts", "c")] {
      try Data(text.utf8).write(to: folder.file("videos/normal/\(name)"))
    }
    let ids = try open("").videos.map(\.id)
    #expect(ids == ["cam1_a", "list", "s2", "cam2_b"])
  }

  @Test func namesThatAreNotUTF8AreCounted() throws {
    let name = Array(folder.file("videos/odd").path.utf8) + Array("/caf".utf8) + [0xE9, 0x2E, 0x6D]
    let handle = (name.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
      fopen($0.baseAddress!, "w")
    }
    fclose(handle)
    let dataset = try open("")
    #expect(dataset.undecodableNames == ["odd/caf\\xe9.m"])
    #expect(dataset.notes.contains { $0.contains("1 file names are not UTF-8") })
  }
}
