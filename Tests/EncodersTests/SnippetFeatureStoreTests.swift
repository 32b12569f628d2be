import Encoders
import Foundation
import Records
import Synchronization
import Tensors
import TestSupport
import Testing
import Video

@Suite struct SnippetFeatureStoreTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A picture as its first and its last sample of red; counts what it encodes.
  private final class Corners: ImageEncoder {
    let encoded = Mutex(0)
    var identity: EncoderIdentity {
      EncoderIdentity(kind: "test", model: "corners", dimension: 2)
    }
    func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
      encoded.withLock { $0 += images.count }
      return Tensor(
        shape: [images.count, 2],
        scalars: images.flatMap {
          [Float($0.pixels[0]), Float($0.pixels[$0.pixels.count - 3])]
        })
    }
  }

  /// Dark on the left, bright on the right, 64x48 at 30 frames a second.
  private func video(_ name: String = "a", frames: Int, rate: Int = 30) throws -> String {
    let path = folder.file("\(name).mp4").path
    let writer = try VideoWriter(path: path, width: 64, height: 48, frameRate: rate, quality: 10)
    var image = RGBImage(width: 64, height: 48)
    for index in image.pixels.indices { image.pixels[index] = UInt8(index / 3 % 64 * 4) }
    for _ in 0..<frames { try writer.append(image) }
    try writer.finish()
    return path
  }

  private func store(
    _ model: Corners, crops: FrameCrops = .vadclip10, pooling: CLIPSnippetEncoder.Pooling = .first,
    storage: SnippetFeatureStorage = SnippetFeatureStorage(), software: [String: String] = [:]
  ) throws -> SnippetFeatureStore {
    try SnippetFeatureStore(
      root: folder.file("features"),
      encoder: CLIPSnippetEncoder(model: model, pooling: pooling, crops: crops), storage: storage,
      software: software)
  }

  @Test("ten crops are ten files of half precision that NumPy reads, in VadCLIP's order")
  func tenCropsAreTenFiles() throws {
    let store = try store(Corners(), storage: SnippetFeatureStorage(elementType: .float16))
    let result = try store.prepare(id: "a", path: video(frames: 40))
    #expect(result.record.snippetCount == 2 && result.record.crops == Array(0..<10))
    for crop in 0..<10 {
      let layout = try Npy.layout(of: store.folder.appendingPathComponent("a__\(crop).npy"))
      #expect(layout.shape == [2, 2] && layout.elementType == "<f2")
      let row = try store.rows(id: "a", crop: crop).scalars
      // The picture brightens to the right: mirrored crops darken.
      #expect((row[0] < row[1]) == (crop < 5), "crop \(crop)")
    }
    let (left, right) = (try store.rows(id: "a", crop: 1), try store.rows(id: "a", crop: 2))
    #expect(left.scalars[0] < right.scalars[0])
    let written = try JSONRecord.read(
      SnippetFeatureProvenance.self, from: store.folder.appendingPathComponent("provenance.json"))
    #expect(written.cropOrder[7] == "mirrored top-right" && written.pooling == "first")
    #expect(written.elementType == .float16)
  }

  @Test("what is whole is kept; a missing or cut crop, or another video length, is made anew")
  func onlyWholeFeaturesAreKept() throws {
    let model = Corners()
    let store = try store(model)
    let path = try video(frames: 32)
    #expect(try store.prepare(id: "a", path: path).wasStored == false)
    let once = model.encoded.withLock { $0 }
    #expect(once == 20)
    #expect(try store.prepare(id: "a", path: path).wasStored)
    #expect(model.encoded.withLock { $0 } == once)
    let file = store.folder.appendingPathComponent("a__7.npy")
    let whole = try Data(contentsOf: file)
    try whole.dropLast(4).write(to: file)
    #expect(try store.prepare(id: "a", path: path).wasStored == false)
    #expect(try Data(contentsOf: file) == whole)
    try FileManager.default.removeItem(at: file)
    #expect(try store.prepare(id: "a", path: path).wasStored == false)
    let longer = try video("b", frames: 64)
    #expect(try store.prepare(id: "a", path: longer).record.snippetCount == 4)
  }

  @Test("another content of equal length is made anew, where the caller knows the content")
  func otherContent() throws {
    let store = try store(Corners())
    let path = try video(frames: 32)
    #expect(try store.prepare(id: "a", path: path, contentHash: "1").wasStored == false)
    #expect(try store.prepare(id: "a", path: path, contentHash: "1").wasStored)
    #expect(try store.record(id: "a", of: path, contentHash: "2") == nil)
    #expect(try store.prepare(id: "a", path: path, contentHash: "2").wasStored == false)
    struct Unmeasured: Error {}
    func fail() throws -> String { throw Unmeasured() }
    #expect(throws: Unmeasured.self) {
      try store.prepare(id: "a", path: path, contentHash: fail())
    }
    #expect(throws: Unmeasured.self) {
      try store.prepare(id: "new", path: path, contentHash: fail())
    }
    // The hash is asked neither for a video that is gone nor without a need.
    #expect(try store.prepare(id: "a", path: path + ".gone", contentHash: fail()).wasStored)
    #expect(throws: VideoError.self) {
      try store.prepare(id: "new", path: path + ".gone", contentHash: fail())
    }
    // A video that is gone cannot have changed.
    #expect(try store.prepare(id: "a", path: path + ".gone", contentHash: "3").wasStored)
  }

  @Test("each choice that changes numbers or files has a folder of its own; versions have not")
  func theKeyIsMadeOfTheChoices() throws {
    let model = Corners()
    var keys: Set<String> = []
    for crops in FrameCrops.allCases { keys.insert(try store(model, crops: crops).key) }
    keys.insert(try store(model, pooling: .mean16).key)
    keys.insert(try store(model, storage: SnippetFeatureStorage(grouping: .time)).key)
    keys.insert(try store(model, storage: SnippetFeatureStorage(elementType: .float16)).key)
    keys.insert(try store(model, storage: SnippetFeatureStorage(fileFormat: .safetensors)).key)
    #expect(keys.count == 8)
    let first = try store(model, software: ["decoder": "1"])
    let second = try store(model, software: ["decoder": "2"])
    #expect(first.key == second.key)
    #expect(!FileManager.default.fileExists(atPath: first.folder.path))
    let path = try video(frames: 16)
    _ = try first.prepare(id: "a", path: path)
    _ = try store(model, software: ["decoder": "2"]).prepare(
      id: "b", path: try video("b", frames: 20))
    let written = try SnippetFeatureStore(folder: first.folder).provenance.software
    #expect(written == [["decoder": "1"], ["decoder": "2"]])
  }

  @Test("one safetensors file holds the same rows as the .npy files")
  func safetensorsHoldTheSame() throws {
    let path = try video(frames: 20)
    let arrays = try store(Corners())
    let tensors = try store(
      Corners(), storage: SnippetFeatureStorage(fileFormat: .safetensors))
    _ = try arrays.prepare(id: "a", path: path)
    _ = try tensors.prepare(id: "a", path: path)
    #expect(
      FileManager.default.fileExists(
        atPath: tensors.folder.appendingPathComponent("a.safetensors").path))
    for crop in 0..<10 {
      #expect(try arrays.rows(id: "a", crop: crop) == tensors.rows(id: "a", crop: crop))
    }
  }

  @Test("grouped by time, a snippet is 16/30 s at any frame rate")
  func timeGroupsAreAsLongAtAnyRate() throws {
    let storage = SnippetFeatureStorage(grouping: .time)
    let store = try store(Corners(), crops: .whole, storage: storage)
    for (rate, frames) in [(15, 48), (30, 96), (60, 192)] {
      let path = try video("r\(rate)", frames: frames, rate: rate)
      let record = try store.prepare(id: "r\(rate)", path: path).record
      #expect(record.frameCount == 96 && record.snippetCount == 6, "\(rate) fps")
      #expect(record.decodedFrameCount == frames)
      #expect(abs(record.interval(ofSnippet: 1).lowerBound - 16.0 / 30) < 1e-9)
    }
  }

  @Test("a store without an encoder gives what it has, and says what it has not")
  func aStoreWithoutEncoderOnlyReads() throws {
    let store = try store(Corners())
    _ = try store.prepare(id: "a", path: video(frames: 16))
    let reader = try SnippetFeatureStore(folder: store.folder)
    #expect(try reader.prepare(id: "a", path: "gone.mp4").wasStored)
    #expect(throws: EncoderError.self) { try reader.prepare(id: "b", path: "gone.mp4") }
    #expect(throws: EncoderError.self) { try reader.rows(id: "a", crop: 10) }
  }
}
