import Datasets
import Testing

@Suite struct VideoNameIndexTests {
  private let videos = [
    DatasetVideo(id: "Abuse001_x264", path: "/d/Abuse/Abuse001_x264.mp4", classNames: ["Abuse"]),
    DatasetVideo(id: "clip1", path: "/d/Fight/clip1.mp4", classNames: ["Fight"]),
    DatasetVideo(id: "clip1~2", path: "/d/Normal/clip1.avi", classNames: ["Normal"]),
    DatasetVideo(id: "v_S-7__1", path: "/d/v=S-7__#1.mp4"),
    DatasetVideo(id: "walk", path: "/d/walk.mp4", classNames: ["Normal"]),
    DatasetVideo(id: "Normal_Videos_003_x264", path: "Normal_Videos_003_x264"),
  ]

  @Test(
    "a name means a video with or without folder, extension, x264, class and punctuation",
    arguments: [
      ("Abuse001_x264", 0), ("Abuse001_x264.mp4", 0), ("Abuse001", 0), ("abuse001.MP4", 0),
      ("Abuse/Abuse001_x264.mp4", 0), ("/elsewhere/train/Abuse001_x264.mp4", 0),
      ("Abuse\\Abuse001_x264.mp4", 0), ("Abuse001_x264.npy", 0),
      ("Fight/clip1.mp4", 1), ("/d/Normal/clip1.avi", 2), ("Normal/clip1", 2), ("clip1~2", 2),
      ("v=S-7__#1", 3), ("v_S-7__1", 3), ("Normal_walk", 4), ("Normal-walk.mp4", 4),
      ("normal/WALK", 4), ("Normal_Videos003_x264", 5),
    ])
  func tolerance(name: String, expected: Int) {
    #expect(VideoNameIndex(videos).video(named: name) == .video(expected))
  }

  @Test("a name of two files fits both, though one of them has it as its id")
  func ambiguity() {
    let index = VideoNameIndex(videos)
    #expect(index.video(named: "clip1") == .several([1, 2]))
    #expect(index.video(named: "clip1.mp4") == .several([1, 2]))
    #expect(index.video(withID: "clip1") == .video(1))
    // A folder that no file has decides nothing.
    #expect(index.video(named: "Other/clip1.mp4") == .several([1, 2]))
  }

  @Test("an unknown or empty name fits nothing", arguments: ["Abuse002", "", "  ", "clip", ".mp4"])
  func unknown(name: String) {
    #expect(VideoNameIndex(videos).video(named: name) == .none)
  }
}
