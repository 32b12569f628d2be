import Datasets
import Descriptions
import Foundation
import KeyEvents
import TestSupport
import Testing
import Video
import Workspaces

@Suite struct BuiltInDescriberTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func text(
    _ name: String, scene: MovingScene = MovingScene(), seconds: Double = 6,
    squares: (Double) -> [MovingScene.Square], shift: (Double) -> Double = { _ in 0 },
    gain: (Double) -> Double = { _ in 1 }
  ) throws -> String {
    let path = folder.file("\(name).mp4").path
    let writer = try VideoWriter(
      path: path, width: scene.width, height: scene.height, frameRate: 12)
    for place in 0..<Int(seconds * 12) {
      let time = Double(place) / 12
      try writer.append(
        RGBImage(
          width: scene.width, height: scene.height,
          pixels: scene.pixels(
            squares(time), shift: shift(time), gain: gain(time), noise: 1.5, frame: place)))
    }
    try writer.finish()
    return try BuiltInDescriber.text(describing: path)
  }

  @Test func `an empty scene is said to be still`() throws {
    let text = try text("empty") { _ in [] }
    #expect(text == "Almost nothing moves in the whole clip. The camera is still, one shot.")
  }

  @Test func `a steady walk is not vigorous and does not stand alone`() throws {
    let text = try text("walk") { [.init(x: 5 + 18 * $0, y: 60, side: 22)] }
    #expect(!text.contains("vigorous") && !text.contains("stands alone"))
    #expect(text.contains("lasts long"))
  }

  @Test func `a burst of motion is placed in time and stands alone`() throws {
    let text = try text("burst") { time in
      let shakes = (3.6..<4.6).contains(time)
      return [
        .init(
          x: 112 + (shakes ? 9 * sin(time * 19) : 0), y: 40 + (shakes ? 9 * cos(time * 23) : 0),
          side: 26)
      ]
    }
    #expect(text.contains("in the second half"))
    #expect(text.contains("far stronger than the rest") || text.contains("stands alone"))
  }

  // On labelled clips no such sentence was right, so nothing of light or smoke is said.
  @Test func `light and grey areas are not interpreted`() throws {
    let text = try text("flash") { time in
      let age = time - 3
      return age > 0 && age < 1.2
        ? [.init(x: 50, y: 30, side: 50, red: 255, green: 190, blue: 60)] : []
    }
    for word in ["fire", "flash", "smoke", "bright"] { #expect(!text.lowercased().contains(word)) }
  }

  @Test func `a pan is the camera's, and light and dark scenes are told apart`() throws {
    var dark = MovingScene(seed: 4)
    dark.level = 25
    let pan = try text("pan", scene: dark, squares: { _ in [] }, shift: { 24 * $0 })
    #expect(pan.contains("The camera moves to the right") && pan.contains("dark scene"))
    let bright = try text("bright", squares: { _ in [] }, gain: { _ in 1.2 })
    #expect(!bright.contains("dark scene"))
  }

  @Test func `the same file gives the same text, and the record names the describer`() async throws
  {
    let first = try text("same", seconds: 2) { [.init(x: 20 + 9 * $0, y: 20, side: 30)] }
    let path = folder.file("same.mp4").path
    let description = try await BuiltInDescriber().describe(
      DescriptionRequest(
        videoID: "same", videoPath: path, durationSeconds: 2, frames: [],
        prompt: try PromptTemplate(
          source: "---\nname: none\nversion: 1\n---\nDescribe. {{#frames}}{{image}}{{/frames}}",
          file: "none")))
    #expect(description.text == first)
    #expect(description.describer.kind == .builtin)
    #expect(description.describer.model == "motion-facts-v2")
  }

  @Test func `pieces described in turn have the sentences that each has alone`() async throws {
    _ = try text("cut", seconds: 8) { time in
      time < 4 ? [] : [.init(x: 5 + 18 * (time - 4), y: 60, side: 22)]
    }
    let path = folder.file("cut.mp4").path
    let describer = BuiltInDescriber()
    let pieces = VideoSegment.pieces(of: "cut", durationSeconds: 8, segmentSeconds: 4)
    #expect(pieces.count == 2)
    var texts: [String] = []
    for segment in pieces {
      let request = DescriptionRequest(
        videoID: segment.id, videoPath: path, contentHash: "h", segment: segment,
        durationSeconds: 4, frames: [], prompt: try DescribingFixture.prompt())
      texts.append(try await describer.describe(request).text)
      #expect(try texts.last == BuiltInDescriber.text(describing: path, segment: segment))
    }
    #expect(texts[0].contains("Almost nothing moves") && texts[1] != texts[0])
  }

  @Test func `the motion that the selection measured is described, without another decode`()
    async throws
  {
    _ = try text("handed", seconds: 6) { time in
      [.init(x: 60 + ((3..<4).contains(time) ? 9 * sin(time * 19) : 0), y: 30, side: 26)]
    }
    let path = folder.file("handed.mp4").path
    let whole = DatasetVideo(id: "handed", path: path)
    let pieces = VideoSegment.pieces(of: "handed", durationSeconds: 6, segmentSeconds: 3)
    let fingerprint = try VideoFingerprint.measure(path: path)
    let source = KeyEventFrameSource(
      workspace: try Workspace.create(at: folder.file("w"), dataset: "d", root: nil),
      measuresMotion: true
    ) { _ in NoveltyScorer() }
    let describer = BuiltInDescriber()
    for video in [whole] + pieces.map(whole.piece) {
      let chosen = try source.chosenFrames(of: video, fingerprint: fingerprint)
      var request = DescriptionRequest(
        videoID: video.id, videoPath: path, contentHash: fingerprint.hash,
        segment: video.segment, durationSeconds: chosen.durationSeconds, frames: [],
        prompt: try DescribingFixture.prompt())
      let expected = try BuiltInDescriber.text(describing: path, segment: video.segment)
      let plain = request
      let alone = try await DecodePasses.over(path) {
        let found = try await describer.describe(plain).text
        #expect(found == expected)
      }
      request.motion = chosen.motion
      let withMotion = request
      #expect(withMotion.motion != nil)
      let handed = try await DecodePasses.over(path) {
        let found = try await describer.describe(withMotion).text
        #expect(found == expected)
      }
      #expect(alone.count == 1 && handed.isEmpty)
      // A stored selection has no motion, so the describer measures it.
      #expect(try source.chosenFrames(of: video, fingerprint: fingerprint).motion == nil)
    }
  }

  @Test func `what is no video is the video room's error`() async throws {
    #expect(throws: VideoError.self) { try BuiltInDescriber.text(describing: "/no/such.mp4") }
  }
}
