import Foundation
import Records
import Tensors
import TestSupport
import Testing

@Suite(.blocking) struct PyTorchDamageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ data: Data) throws -> PyTorchFile {
    let url = folder.file("\(UUID().uuidString).pt")
    try data.write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try PyTorchFile(url: url)
  }

  private func refusal(of data: Data) -> String {
    do {
      let file = try open(data)
      return "opened with \(file.names)"
    } catch {
      return "\(error)"
    }
  }

  @Test("the test's own archives are read where nothing is wrong with them")
  func aGoodArchiveOpens() throws {
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    let storage = values.withUnsafeBytes { Data($0) }
    let file = try open(
      PickleArchive.file(
        pickle: PickleArchive.tensor(count: 6, offset: 1, shape: [2, 2], strides: [1, 3]),
        storages: [storage]))
    #expect(try file.tensor("w").scalars == [2, 5, 3, 6])
  }

  @Test(
    "a view that leaves its storage, or could fill the memory, is refused",
    arguments: [
      ([3, 3], [3, 1], 0), ([6], [1], 1), ([2], [1 << 60], 0), ([1 << 60], [0], 0),
      ([1 << 40, 1 << 40], [0, 0], 0), ([1 << 62, 4], [1, 1], 0), ([1], [1], 1 << 62),
      ([2, 3], [3], 0), ([-1], [1], 0), ([2], [-1], 1), ([1 << 21], [0], 0),
    ] as [([Int], [Int], Int)])
  func aViewOutsideItsStorageIsRefused(shape: [Int], strides: [Int], offset: Int) {
    let message = refusal(
      of: PickleArchive.file(
        pickle: PickleArchive.tensor(count: 6, offset: offset, shape: shape, strides: strides)))
    #expect(message.contains("damaged checkpoint"), "\(message)")
  }

  @Test("a storage of another size than its entry is refused", arguments: [5, 7, 1 << 60, -1])
  func aStorageOfAnotherSizeIsRefused(count: Int) {
    let message = refusal(
      of: PickleArchive.file(
        pickle: PickleArchive.tensor(count: count, offset: 0, shape: [1], strides: [1])))
    #expect(message.contains("damaged checkpoint"), "\(message)")
  }

  @Test(
    "what could run code, or names anything beyond tensors, is refused by its name",
    arguments: [
      ("posix", "system"), ("builtins", "eval"), ("torch.storage", "_load_from_bytes"),
      ("torch._utils", "_rebuild_wrapper_subclass"), ("numpy.core.multiarray", "scalar"),
      ("torch", "load"), ("__torch__hidden", "X"),
    ])
  func aForeignNameIsRefused(module: String, name: String) {
    for pickle in [
      PickleArchive.pickle([PickleArchive.name(module, name), Data(")R.".utf8)]),
      PickleArchive.pickle([
        PickleArchive.text(module), PickleArchive.text(name), Data([0x93, 0x2E]),
      ]),
    ] {
      let message = refusal(of: PickleArchive.file(pickle: pickle))
      #expect(message.contains("refused: it names '\(module).\(name)'"), "\(message)")
    }
  }

  private static let hostilePickles: [(String, Data)] = [
    ("nothing", Data()),
    ("an empty stack", Data([0x80, 2, 0x2E])),
    ("no end", PickleArchive.pickle([Data("}".utf8)])),
    (
      "a string of 2^60 bytes",
      PickleArchive.pickle([Data([0x8D]), PickleArchive.little(1 << 60, 8)])
    ),
    (
      "a string past the end", PickleArchive.pickle([Data("X".utf8), PickleArchive.little(900, 4)])
    ),
    (
      "bytes of 4 GB", PickleArchive.pickle([Data("B".utf8), PickleArchive.little(0xFFFF_FFFF, 4)])
    ),
    (
      "a memo index of 2^32",
      PickleArchive.pickle([Data("}r".utf8), PickleArchive.little(0xFFFF_FFFF, 4), Data(".".utf8)])
    ),
    ("a memo entry never set", PickleArchive.pickle([Data("h\u{5}.".utf8)])),
    ("a mark taken as a value", PickleArchive.pickle([Data("(.".utf8)])),
    ("a tuple without a mark", PickleArchive.pickle([Data("t.".utf8)])),
    ("a list that holds itself", PickleArchive.pickle([Data("]q\u{0}h\u{0}a.".utf8)])),
    (
      "a dictionary that holds itself",
      PickleArchive.pickle([
        Data("}q\u{0}".utf8), PickleArchive.text("state_dict"), Data("h\u{0}s.".utf8),
      ])
    ),
    (
      "a module that holds itself",
      PickleArchive.pickle([
        PickleArchive.name("__torch__", "M"), Data([0x29, 0x81, 0x71, 0, 0x7D]),
        PickleArchive.text("a"), Data([0x68, 0, 0x73, 0x62, 0x2E]),
      ])
    ),
    (
      "a million nested lists",
      PickleArchive.pickle([
        Data(repeating: 0x5D, count: 1_000_000), Data(repeating: 0x61, count: 999_999),
        Data(".".utf8),
      ])
    ),
    (
      "a million nested tuples",
      PickleArchive.pickle([
        Data(")".utf8), Data(repeating: 0x85, count: 1_000_000), Data(".".utf8),
      ])
    ),
    ("more values than are run", PickleArchive.pickle([Data(repeating: 0x4E, count: 3_000_000)])),
    ("a whole number of 200 bytes", PickleArchive.pickle([Data([0x8A, 200]), Data(count: 200)])),
    ("an object with a state", PickleArchive.pickle([Data("(i".utf8)])),
    ("an extension code", PickleArchive.pickle([Data([0x82, 1, 0x2E])])),
    ("a protocol of the future", Data([0x80, 9, 0x2E])),
    (
      "a name without an end",
      PickleArchive.pickle([Data(("c" + String(repeating: "a", count: 5000)).utf8)])
    ),
  ]

  @Test("a hostile pickle is an error", arguments: hostilePickles.map(\.0))
  func aHostilePickleIsRefused(name: String) throws {
    let pickle = try #require(Self.hostilePickles.first { $0.0 == name }?.1)
    let message = refusal(of: PickleArchive.file(pickle: pickle))
    #expect(message.contains("refused") || message.contains("damaged"), "\(message)")
  }

  @Test("shared dictionaries nested forty deep do not multiply")
  func sharedDictionariesDoNotMultiply() {
    // Each holds the one before it twice: 2^40 paths.
    var parts = [Data("}q\u{0}".utf8)]
    for level in UInt8(1)...40 {
      parts.append(Data("}".utf8))
      for key in ["model", "state_dict"] {
        parts += [PickleArchive.text(key), Data([0x68, level - 1, 0x73])]
      }
      parts.append(Data([0x71, level]))
    }
    let message = refusal(
      of: PickleArchive.file(pickle: PickleArchive.pickle(parts + [Data(".".utf8)])))
    #expect(message.contains("8 deep"), "\(message)")
  }

  @Test(
    "a zip directory that does not tell the truth is refused",
    arguments: [
      "overlap", "offset past the end", "size past the end", "two sizes", "encrypted",
      "same name twice", "compressed", "another local name", "64-bit size missing",
    ])
  func aLyingDirectoryIsRefused(lie: String) {
    let pickle = PickleArchive.tensor(count: 6, offset: 0, shape: [6], strides: [1])
    var entries = [
      PickleArchive.Entry(name: "x/data.pkl", content: pickle),
      PickleArchive.Entry(name: "x/data/0", content: Data(count: 24)),
      PickleArchive.Entry(name: "x/data/1", content: Data(count: 24)),
    ]
    if lie == "same name twice" { entries[2].name = "x/data/0" }
    let data = PickleArchive.zip(entries) { index, record in
      guard index == 1 else { return }
      func set(_ value: Int, _ count: Int, at offset: Int) {
        record.replaceSubrange(offset..<offset + count, with: PickleArchive.little(value, count))
      }
      switch lie {
      case "overlap":
        set(200, 4, at: 20)
        set(200, 4, at: 24)
      case "offset past the end": set(0x7FFF_FFFF, 4, at: 42)
      case "size past the end":
        set(0x7FFF_FFFF, 4, at: 20)
        set(0x7FFF_FFFF, 4, at: 24)
      case "two sizes": set(12, 4, at: 20)
      case "encrypted": set(1, 2, at: 8)
      case "compressed": set(8, 2, at: 10)
      case "another local name": record[record.count - 1] = UInt8(ascii: "7")
      case "64-bit size missing": set(0xFFFF_FFFF, 4, at: 24)
      default: break
      }
    }
    let message = refusal(of: data)
    #expect(message.contains("damaged"), "\(message)")
  }

  @Test("a file cut anywhere is an error")
  func everyCutIsRefused() throws {
    let whole = try Data(contentsOf: Golden.url("views.pth"))
    for count in stride(from: 0, to: whole.count, by: 7) {
      #expect(throws: TensorError.self) { try open(whole.prefix(count)) }
    }
  }

  @Test("changed bytes give an error or tensors of the promised shape, never a crash")
  func mutatedFilesAreSafe() throws {
    let isSoak = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1"
    var generator = SeededGenerator(seed: 7)
    for name in ["types.pt", "views.pth", "training.pt", "protocol4.bin", "script.pt"] {
      let whole = try Data(contentsOf: Golden.url(name))
      var opened = 0
      for _ in 0..<(isSoak ? 20_000 : 100) {
        var data = whole
        for _ in 0...Int.random(in: 0..<4, using: &generator) {
          let place = Int.random(in: 0..<data.count, using: &generator)
          data[place] =
            [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)]
            .randomElement(using: &generator) ?? 0
        }
        guard let file = try? open(data) else { continue }
        opened += 1
        for name in file.names {
          let shape = file.shape(of: name)
          if let tensor = try? file.tensor(name) { #expect(tensor.shape == shape) }
        }
      }
      // Bytes in padding and storages do not stop a file from opening.
      #expect(opened > 0, "\(name)")
    }
  }

  @Test("changed pickles under a right checksum give an error or a tensor, never a crash")
  func mutatedPicklesAreSafe() throws {
    let isSoak = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1"
    var generator = SeededGenerator(seed: 8)
    let corpus =
      [PickleArchive.tensor(count: 6, offset: 1, shape: [2, 2], strides: [1, 2])]
      + Self.hostilePickles.map(\.1).filter { (1..<10_000).contains($0.count) }
    for whole in corpus {
      for _ in 0..<(isSoak ? 20_000 : 60) {
        var pickle = whole
        for _ in 0...Int.random(in: 0..<3, using: &generator) {
          let place = Int.random(in: 0..<pickle.count, using: &generator)
          switch Int.random(in: 0..<3, using: &generator) {
          case 0: pickle[place] = UInt8.random(in: 0...255, using: &generator)
          case 1: pickle.insert(UInt8.random(in: 0...255, using: &generator), at: place)
          default:
            let other = corpus.randomElement(using: &generator) ?? whole
            pickle.insert(contentsOf: other.dropFirst(2).prefix(40), at: place)
          }
        }
        guard let file = try? open(PickleArchive.file(pickle: pickle)) else { continue }
        for name in file.names {
          let shape = file.shape(of: name)
          if let tensor = try? file.tensor(name) { #expect(tensor.shape == shape) }
        }
      }
    }
  }
}
