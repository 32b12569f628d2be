import Descriptions
import Testing

@Suite("Description error")
struct DescriptionErrorTests {
  @Test(
    "a message names the next step",
    arguments: [
      (.gaveUp(video: "v", endpoint: "e", attempts: 5, reason: "boom"), "server's log"),
      (.unusableAnswer(video: "v", endpoint: "e", reason: "empty"), "--strict"),
      (.badPrompt(path: "p", reason: "no front matter"), "Prompts/"),
      (.unusableFrame(video: "v", reason: "402x2 pixels"), "crop"),
      (.labelLeak(video: "v", leak: .className("abuse")), "--use-label"),
      (.labelLeak(video: "v", leak: .fileName("cam_01")), "the same for all videos"),
    ] as [(DescriptionError, String)])
  func remedies(error: DescriptionError, remedy: String) {
    #expect(error.description.contains(remedy))
  }

  @Test("the advice to allow the label is not given for a file name")
  func fileName() {
    let error = DescriptionError.labelLeak(video: "v", leak: .fileName("cam_01"))
    #expect(!error.description.contains("--use-label"))
  }
}
