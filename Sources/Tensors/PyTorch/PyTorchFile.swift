import Foundation
import Synchronization

/// A file that `torch.save` of PyTorch 1.6 or newer wrote (`.pt`, `.pth`, `.bin`: a zip
/// of a pickle and its storages), or a TorchScript archive, of which only the tensors are
/// read. Nothing in the file is executed.
///
/// The pickle and every tensor's position are checked when the file is opened; a
/// storage's checksum when one of its tensors is first read.
package struct PyTorchFile: TensorFile {
  private struct Place: Sendable {
    var entry: ZipArchive.Entry
    var view: StridedView
  }

  /// The storages whose checksums were verified.
  private final class VerifiedStorages: Sendable {
    let names = Mutex<Set<String>>([])
  }

  package let url: URL
  package let names: [String]
  private let places: [String: Place]
  private let archive: ZipArchive
  private let verified = VerifiedStorages()

  /// - Throws: `TensorError` for a file of another format, a damaged one, and one whose
  ///   pickle contains more than tensors and plain values.
  package init(url: URL) throws {
    let file = try MappedFile(url: url)
    guard file.bytes.starts(with: ZipArchive.localSignature) else {
      throw Self.otherFormat(file.start(512), path: url.path)
    }
    do {
      archive = try ZipArchive(file)
      places = try Self.places(in: archive)
    } catch let failure as ZipArchive.Failure {
      throw TensorError.damagedCheckpoint(path: url.path, found: failure.found)
    } catch let failure as PickleMachine.Failure {
      throw failure.isDamage
        ? TensorError.damagedCheckpoint(path: url.path, found: failure.found)
        : TensorError.refusedPickle(path: url.path, found: failure.found)
    }
    names = places.keys.sorted()
    self.url = url
  }

  package func shape(of name: String) -> [Int]? { places[name]?.view.shape }

  package func elementType(of name: String) -> StoredElementType? {
    places[name]?.view.elementType
  }

  package func tensor(_ name: String) throws -> Tensor<Float> {
    let place = try place(of: name)
    guard let convert = ElementConversion.toFloat(place.view.elementType) else {
      throw wrongType(name, place, expected: "F32, F16, BF16 or F64")
    }
    return place.view.read(try content(of: place, name), convert: convert)
  }

  package func integers(_ name: String) throws -> [Int] {
    let place = try place(of: name)
    guard let values = place.view.integers(try content(of: place, name)) else {
      throw wrongType(name, place, expected: "I64, I32, I16, I8, U8 or BOOL in one piece")
    }
    return values
  }

  private func place(of name: String) throws -> Place {
    guard let place = places[name] else {
      throw TensorError.missingTensor(path: url.path, tensor: name, present: names.count)
    }
    return place
  }

  private func wrongType(_ name: String, _ place: Place, expected: String) -> TensorError {
    .wrongElementType(
      path: url.path, tensor: name, found: place.view.elementType.rawValue, expected: expected)
  }

  /// The bytes of a tensor's storage, whose checksum is verified once.
  private func content(of place: Place, _ name: String) throws -> UnsafeRawBufferPointer {
    do {
      try verified.names.withLock { names in
        guard !names.contains(place.entry.name) else { return }
        try archive.verify(place.entry)
        names.insert(place.entry.name)
      }
      return try archive.content(of: place.entry)
    } catch let failure as ZipArchive.Failure {
      throw TensorError.damagedTensor(path: url.path, tensor: name, found: failure.found)
    }
  }

  private static func places(in archive: ZipArchive) throws -> [String: Place] {
    let pickles = archive.entries.values.filter {
      $0.name.hasSuffix("/data.pkl") && $0.name.count(where: { $0 == "/" }) == 1
    }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw ZipArchive.Failure(found: "a zip file without PyTorch's data.pkl")
    }
    let root = pickle.name.dropLast("data.pkl".count)
    if let order = archive.entries[root + "byteorder"],
      !(try archive.content(of: order)).elementsEqual("little".utf8)
    {
      throw PickleMachine.Failure(found: "big-endian tensors", isDamage: false)
    }
    try archive.verify(pickle)
    var machine = PickleMachine(try archive.content(of: pickle))
    let value = try machine.run()
    let heap = machine.heap
    var places: [String: Place] = [:]
    for (name, index) in try StateDictionary(heap: heap).tensors(in: value) {
      let view = heap.views[index]
      let storage = heap.storages[view.storage]
      guard let entry = archive.entries["\(root)data/\(storage.key)"], entry.isStored else {
        throw ZipArchive.Failure(found: "tensor '\(name)': no stored entry data/\(storage.key)")
      }
      let (bytes, overflow) = storage.count.multipliedReportingOverflow(
        by: storage.elementType?.byteCount ?? 1)
      guard !overflow, bytes == entry.bytes.count else {
        throw ZipArchive.Failure(
          found: "tensor '\(name)': a storage of \(storage.count) elements in "
            + "\(entry.bytes.count) bytes")
      }
      guard let strided = StridedView(view, byteCount: bytes) else {
        throw ZipArchive.Failure(
          found: "tensor '\(name)' of shape \(view.shape), strides \(view.strides), offset "
            + "\(view.offset) does not fit its storage of \(storage.count) elements")
      }
      places[name] = Place(entry: entry, view: strided)
    }
    return places
  }

  /// The error for a file that is not a zip.
  private static func otherFormat(_ bytes: [UInt8], path: String) -> TensorError {
    let resave =
      "convert it where you trust it: torch.save(torch.load(path, map_location='cpu'), path)"
    // The magic number of torch.save before 1.6, as a pickle writes it.
    if bytes.starts(with: [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9]) {
      return .unsupportedCheckpoint(
        path: path, found: "the format of torch.save before version 1.6", remedy: resave)
    }
    if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) {
      return .unsupportedCheckpoint(
        path: path, found: "the tar format of torch.save before version 0.1.10", remedy: resave)
    }
    if bytes.first == 0x80 {
      return .unsupportedCheckpoint(
        path: path, found: "a plain pickle", remedy: "save its tensors with torch.save")
    }
    return .damagedCheckpoint(
      path: path, found: "not a zip file: it begins with the bytes \(Array(bytes.prefix(4)))")
  }
}

/// Finds the weights in the value of a checkpoint's pickle: the dictionary of names and
/// tensors itself, or one inside a training checkpoint (`{"epoch": 3,
/// "state_dict": {...}}`), or the attributes of a TorchScript module.
struct StateDictionary {
  private typealias Failure = PickleMachine.Failure

  /// The usual keys of weights in training checkpoints, the most frequent first.
  static let usualKeys = ["state_dict", "model_state_dict", "model", "module", "net", "weights"]
  private static let maximumDepth = 64

  let heap: PickleHeap

  /// The names of the weights with their positions in the heap's views; of a name that
  /// occurs twice the last one counts, as in Python.
  ///
  /// - Throws: `PickleMachine.Failure` where there are none, or more than one set.
  func tensors(in root: PickleValue) throws -> [String: Int] {
    var current = root
    for _ in 0..<8 {
      guard case .dictionary(let place) = current else {
        throw Failure(
          found: "\(current.kind) at the top, expected a state_dict", isDamage: false)
      }
      if heap.dictionaries[place].isModule { return try attributes(of: place) }
      let inner = named(place) { if case .dictionary = $0 { true } else { false } }
      let own = named(place) { if case .tensor = $0 { true } else { false } }
      if let key = Self.usualKeys.first(where: { inner[$0] != nil }), let value = inner[key] {
        current = value
      } else if !own.isEmpty {
        return own.compactMapValues { if case .tensor(let view) = $0 { view } else { nil } }
      } else if inner.count == 1, let value = inner.values.first {
        current = value
      } else {
        throw Failure(
          found: inner.isEmpty
            ? "a dictionary without tensors"
            : "the dictionaries \(inner.keys.sorted().prefix(8).joined(separator: ", ")), "
              + "expected one of them to be called state_dict", isDamage: false)
      }
    }
    throw Failure(found: "dictionaries more than 8 deep", isDamage: false)
  }

  private func named(_ place: Int, _ isWanted: (PickleValue) -> Bool) -> [String: PickleValue] {
    var found: [String: PickleValue] = [:]
    for (key, value) in heap.dictionaries[place].pairs {
      guard case .string(let name) = key else { continue }
      found[name] = isWanted(value) ? value : nil
    }
    return found
  }

  /// The tensors of a module and its submodules, their names joined by dots.
  private func attributes(of root: Int) throws -> [String: Int] {
    var tensors: [String: Int] = [:]
    var open = [(place: root, prefix: "", depth: 0)]
    var visited = 0
    while let (place, prefix, depth) = open.popLast() {
      visited += heap.dictionaries[place].pairs.count
      guard depth < Self.maximumDepth, visited <= PickleMachine.maximumValues else {
        throw Failure(found: "modules that hold each other")
      }
      for (key, value) in heap.dictionaries[place].pairs {
        guard case .string(let name) = key else { continue }
        switch value {
        case .tensor(let view): tensors[prefix + name] = view
        case .dictionary(let inner) where heap.dictionaries[inner].isModule:
          open.append((inner, prefix + name + ".", depth + 1))
        default: continue
        }
      }
    }
    guard !tensors.isEmpty else { throw Failure(found: "a module without tensors") }
    return tensors
  }
}
