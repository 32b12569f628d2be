import Encoders
import Foundation
import TestSupport
import Testing

@Suite struct ModelLocatorTests {
  private let cache: TemporaryFolder
  private let environment: [String: String]

  init() throws {
    cache = try TemporaryFolder()
    environment = ["HF_HOME": cache.url.path, "HOME": "/nonexistent"]
    let model = cache.file("hub/models--openai--clip-vit-base-patch32")
    for revision in ["aaaa", "bbbb"] {
      let snapshot = model.appendingPathComponent("snapshots/\(revision)")
      try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
    }
    try FileManager.default.createDirectory(
      at: model.appendingPathComponent("refs"), withIntermediateDirectories: true)
    try Data("bbbb\n".utf8).write(to: model.appendingPathComponent("refs/main"))
  }

  @Test func aHubNameIsTheSnapshotOfItsMainRevision() throws {
    let folder = try ModelLocator.resolve(
      "openai/clip-vit-base-patch32", environment: environment)
    #expect(folder.path.hasSuffix("models--openai--clip-vit-base-patch32/snapshots/bbbb"))
    let name = ModelLocator.name(of: folder)
    #expect(name.model == "openai/clip-vit-base-patch32" && name.revision == "bbbb")
  }

  @Test func aFolderIsItself() throws {
    #expect(try ModelLocator.resolve(cache.url.path).path == cache.url.path)
    #expect(ModelLocator.name(of: cache.url).revision == nil)
  }

  @Test(arguments: [
    "openai/clip-vit-base-patch16", "../../no-such-model", "", "a/b/c", "no-such-model",
  ])
  func whatIsNowhereIsAnErrorThatSaysWhereItLooked(name: String) {
    let error = #expect(throws: EncoderError.self) {
      try ModelLocator.resolve(name, environment: ["HF_HOME": "/nonexistent/hf"])
    }
    #expect(error?.description.contains("/nonexistent/hf/hub") == true)
    #expect(error?.failureKind == .unreadableInput)
  }

  @Test func aCLIPModelIsAvailableOnceItsWeightsAreThere() throws {
    #expect(ModelLocator.firstAvailableCLIP(environment: environment) == nil)
    let folder = try ModelLocator.resolve(
      "openai/clip-vit-base-patch32", environment: environment)
    for name in ["config.json", "model.safetensors"] {
      try Data().write(to: folder.appendingPathComponent(name))
    }
    #expect(ModelLocator.firstAvailableCLIP(environment: environment)?.path == folder.path)
    let named = environment.merging(["KESS_CLIP_MODEL": cache.url.path]) { $1 }
    #expect(ModelLocator.firstAvailableCLIP(environment: named)?.path == cache.url.path)
  }
}
