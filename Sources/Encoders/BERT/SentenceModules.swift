import Foundation
import Records

/// The settings that a sentence-transformers folder adds to a BERT checkpoint: the
/// checkpoint's folder, the pooling of token outputs, the length limit of texts.
///
/// A folder without `modules.json` is a plain checkpoint: the mean of all
/// tokens, not normalised.
package struct SentenceModules: Sendable, Equatable {
  /// How the token outputs become one vector.
  package enum Pooling: String, Sendable {
    case mean
    case firstToken = "cls"
  }

  /// The folder of the transformer itself.
  package var transformer: URL
  package var pooling: Pooling = .mean
  /// Whether the vector is scaled to length 1.
  package var isNormalized = false
  /// The most tokens per text, special tokens included; nil where the folder has no limit.
  package var maximumTokens: Int?
  /// Whether texts are lower-cased before the tokenizer.
  package var lowercases = false

  /// - Throws: `EncoderError.badConfiguration` for modules other than
  ///   Transformer, Pooling (mean or CLS) and Normalize.
  package init(directory: URL) throws {
    transformer = directory
    let list = directory.appendingPathComponent("modules.json")
    if FileManager.default.fileExists(atPath: list.path) {
      for module in try ConfigurationFile.read([Module].self, from: list) {
        let folder = module.path.isEmpty ? directory : directory.appendingPathComponent(module.path)
        switch module.type.split(separator: ".").last {
        case "Transformer": transformer = folder
        case "Pooling": pooling = try Self.pooling(folder)
        case "Normalize": isNormalized = true
        default:
          throw EncoderError.badConfiguration(
            path: list.path, found: "module '\(module.type)'",
            expected: "Transformer, Pooling and Normalize")
        }
      }
    }
    let settings = transformer.appendingPathComponent("sentence_bert_config.json")
    if FileManager.default.fileExists(atPath: settings.path) {
      let stored = try ConfigurationFile.read(Settings.self, from: settings)
      maximumTokens = stored.maxSeqLength
      lowercases = stored.doLowerCase ?? false
      if let count = maximumTokens, count < 2 {
        throw EncoderError.badConfiguration(
          path: settings.path, found: "max_seq_length \(count)", expected: "at least 2")
      }
    }
  }

  private static func pooling(_ folder: URL) throws -> Pooling {
    let url = folder.appendingPathComponent("config.json")
    let modes = try JSONRecord.read(PoolingModes.self, from: url).modes
    guard modes.count == 1, let pooling = Pooling(rawValue: modes[0]) else {
      throw EncoderError.badConfiguration(
        path: url.path,
        found: "pooling \(modes.isEmpty ? "of no kind" : modes.joined(separator: " + "))",
        expected: "mean or cls")
    }
    return pooling
  }

  private struct Module: Decodable {
    var path: String
    var type: String
  }

  private struct Settings: Decodable {
    var maxSeqLength: Int?
    var doLowerCase: Bool?
  }

  /// Older files have one flag per mode, newer ones a name.
  private struct PoolingModes: Decodable {
    var modes: [String]

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      modes = []
      for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
        if key.stringValue == "pooling_mode" {
          modes +=
            try (try? container.decode([String].self, forKey: key))
            ?? [container.decode(String.self, forKey: key)]
        } else if key.stringValue.hasPrefix("pooling_mode_"),
          try container.decode(Bool.self, forKey: key)
        {
          let name = key.stringValue.dropFirst("pooling_mode_".count)
          modes.append(name == "cls_token" ? "cls" : name == "mean_tokens" ? "mean" : String(name))
        }
      }
    }
  }
}
