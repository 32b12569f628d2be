import Foundation
import Records
import Video

/// A value of a descriptor for all videos, or by shell patterns for video ids:
/// `pixelAspect: 2:1`, or `pixelAspect: {"cam1_*": 2:1}`.
public enum ByVideo<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
  case all(Value)
  case patterns([String: Value])

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Key.self), !container.allKeys.isEmpty {
      var values: [String: Value] = [:]
      for key in container.allKeys {
        values[key.stringValue] = try container.decode(Value.self, forKey: key)
      }
      self = .patterns(values)
    } else {
      self = .all(try Value(from: decoder))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .all(let value): try value.encode(to: encoder)
    case .patterns(let values): try values.encode(to: encoder)
    }
  }

  /// The values with their patterns. Of several patterns the longest counts, so it comes last.
  var rules: [(pattern: String?, value: Value)] {
    switch self {
    case .all(let value): [(nil, value)]
    case .patterns(let values):
      values.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }.map { ($0.key, $0.value) }
    }
  }

  func map(_ transform: (Value) -> Value) -> ByVideo {
    switch self {
    case .all(let value): .all(transform(value))
    case .patterns(let values): .patterns(values.mapValues(transform))
    }
  }
}

extension DatasetDescriptor {
  /// The same descriptor with the masks beside its file named by their absolute paths.
  func withMasks(in folder: URL) -> DatasetDescriptor {
    var descriptor = self
    descriptor.ignore = ignore?.map { value in
      guard case .text(let text) = value, !text.hasPrefix("/") else { return value }
      let file = folder.appendingPathComponent(text)
      return FileManager.default.fileExists(atPath: file.path) ? .text(file.path) : value
    }
    return descriptor
  }

  /// How the videos are read: the keys `pixelAspect` and `ignore`.
  ///
  /// - Parameter root: the folder of masks that are not beside the descriptor's file.
  /// - Throws: `VideoError` for a mask that is missing or unusable.
  func views(root: URL) throws -> VideoViews {
    let aspects = (pixelAspect?.rules ?? []).map { rule in
      VideoViews.Rule(pattern: rule.pattern, view: VideoView(pixelAspect: rule.value))
    }
    let masks = try (ignore?.rules ?? []).map { rule in
      VideoViews.Rule(
        pattern: rule.pattern, view: VideoView(mask: try Self.mask(rule.value, root: root)))
    }
    return VideoViews(rules: aspects + masks)
  }

  private static func mask(_ value: MaskValue, root: URL) throws -> RegionMask {
    if case .text(let text) = value, !RegionMask.areCoordinates(text) {
      return try RegionMask(
        contentsOf: text.hasPrefix("/") ? text : root.appendingPathComponent(text).path)
    }
    return try RegionMask(polygons: RegionMask.polygons(of: value, name: "ignore"), name: "ignore")
  }
}
