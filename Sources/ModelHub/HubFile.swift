import Foundation
import Records

/// A model's name on the hub, with a revision.
package struct HubModelID: Sendable, Equatable, CustomStringConvertible {
  /// `org/name`, or a bare `name`.
  package let name: String
  /// A branch, a tag or a commit.
  package let revision: String

  /// Reads `org/name` or `org/name@revision`; the revision is `main` where none is named.
  ///
  /// - Throws: `HubError.badID` for text that cannot be part of a path or an address.
  package init(_ text: String) throws {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    let revision = parts.count == 2 ? parts[1] : "main"
    func isPlain(_ part: Substring) -> Bool {
      // "--" stands for "/" in the cache's folder names.
      !part.isEmpty && !part.hasPrefix(".") && !part.contains("--") && !part.contains("..")
        && part.utf8.allSatisfy {
          UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "-_.".utf8.contains($0)
        }
    }
    guard (1...2).contains(names.count), names.allSatisfy(isPlain),
      revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isPlain)
    else { throw HubError.badID(text: text) }
    name = String(parts[0])
    self.revision = String(revision)
  }

  package var description: String { revision == "main" ? name : "\(name)@\(revision)" }
}

/// A file of a model as the hub's metadata describes it.
package struct HubFile: Sendable, Equatable {
  /// Inside the repository, parts separated by slashes.
  package let path: String
  package let byteCount: Int
  /// The hash that its bytes must have.
  package let hash: HubHash

  package init(path: String, byteCount: Int, hash: HubHash) {
    self.path = path
    self.byteCount = byteCount
    self.hash = hash
  }
}

/// A content hash by which the hub names a file; its digits are also the file's
/// name among the cache's blobs.
package enum HubHash: Sendable, Equatable {
  /// Of files in large file storage.
  case sha256(String)
  /// Of files in git itself.
  case gitBlob(String)

  /// Nil unless there are 64 or 40 lowercase hexadecimal digits.
  package init?(digits: String) {
    guard digits.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else { return nil }
    switch digits.utf8.count {
    case 64: self = .sha256(digits)
    case 40: self = .gitBlob(digits)
    default: return nil
    }
  }

  package var digits: String {
    switch self {
    case .sha256(let digits), .gitBlob(let digits): digits
    }
  }

  /// The digits of a file's bytes by the same kind of hash.
  package func ofFile(at url: URL) throws -> String {
    switch self {
    case .sha256: try ContentHash.ofFile(at: url)
    case .gitBlob: try GitBlobHash.ofFile(at: url)
    }
  }
}

/// Which of a repository's files a model needs.
package enum HubFileSelection {
  /// Configuration and tokenizer files, wherever the model keeps them.
  static func isSmall(_ path: String) -> Bool {
    let parts = path.split(separator: "/").map(String.init)
    guard let name = parts.last else { return false }
    if parts.count == 1 { return names.contains(name) }
    // sentence-transformers' modules: 1_Pooling/config.json.
    return parts.count == 2 && name == "config.json" && parts[0].first?.isNumber == true
  }

  private static let names: Set<String> = [
    "config.json", "open_clip_config.json", "preprocessor_config.json", "processor_config.json",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "vocab.txt", "merges.txt", "modules.json", "sentence_bert_config.json",
    "config_sentence_transformers.json",
  ]

  /// The best of the listed weights, safetensors before pickles; for a model in shards
  /// their index and all of them. Empty where there are none.
  ///
  /// - Parameter prefersOpenCLIP: for repositories whose other weights are those of
  ///   another library.
  static func weights(among files: [HubFile], prefersOpenCLIP: Bool) -> [HubFile] {
    let usual: [(index: String?, stem: String, ending: String)] = [
      (nil, "model", "safetensors"),
      ("model.safetensors.index.json", "model", "safetensors"),
      (nil, "pytorch_model", "bin"),
      ("pytorch_model.bin.index.json", "pytorch_model", "bin"),
    ]
    let openCLIP: [(index: String?, stem: String, ending: String)] = [
      (nil, "open_clip_model", "safetensors"), (nil, "open_clip_pytorch_model", "bin"),
    ]
    let order =
      prefersOpenCLIP
      ? openCLIP + usual : Array(usual[..<2]) + openCLIP[..<1] + usual[2...] + openCLIP[1...]
    for (index, stem, ending) in order {
      guard let index else {
        if let file = files.first(where: { $0.path == "\(stem).\(ending)" }) { return [file] }
        continue
      }
      guard let list = files.first(where: { $0.path == index }) else { continue }
      // model-00001-of-00002.safetensors
      return [list]
        + files.filter { $0.path.hasPrefix("\(stem)-") && $0.path.hasSuffix(".\(ending)") }
    }
    return []
  }
}
