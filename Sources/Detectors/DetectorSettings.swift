import Records

/// Everything that a preset or `--set` decides for one family.
public struct DetectorSettings<Configuration: DetectorConfiguration>: Sendable {
  public var model = Configuration()
  /// Of these, presets decide `maximumSnippets`, `topKDivisor`, `roundsHalfMeans` and
  /// `standardizesFeatures`; the data decide the widths and classes.
  public var inputs: DetectorInputs
  public var training = TrainingConfiguration()
}

extension DetectorSettings {
  /// Training as VadCLIP's code trains on XD-Violence: one shuffled stream.
  mutating func trainAsOnXDViolence() {
    training.batches = .shuffled
    training.batchSize = 96
    training.learningRate = 1e-5
    training.milestones = [3, 6, 10]
  }

  /// Training for the built-in features: few short videos, and dimensions of unlike scale.
  mutating func trainOnBuiltInFeatures() {
    inputs.topKDivisor = 4
    inputs.standardizesFeatures = true
    training.epochs = 20
    training.batchSize = 16
    training.learningRate = 5e-4
    training.milestones = [14]
    training.inputDropout = 0.7
  }
}

/// A named choice of settings. A run has one base preset, which fits the features, and
/// any number of ablations on top.
public struct DetectorPreset<Configuration: DetectorConfiguration>: Sendable {
  public let name: String
  public let summary: String
  /// Whether this is a whole set of choices and not a change to one.
  public let isBase: Bool
  let apply: @Sendable (inout DetectorSettings<Configuration>) -> Void

  /// A whole set of choices. The one named `builtin` is taken for the built-in features,
  /// the first one for others.
  public static func base(
    _ name: String, _ summary: String,
    _ apply: @escaping @Sendable (inout DetectorSettings<Configuration>) -> Void
  ) -> Self { Self(name: name, summary: summary, isBase: true, apply: apply) }

  /// A change to a base preset, such as a part that is left out.
  public static func ablation(
    _ name: String, _ summary: String,
    _ apply: @escaping @Sendable (inout DetectorSettings<Configuration>) -> Void
  ) -> Self { Self(name: name, summary: summary, isBase: false, apply: apply) }
}

/// One setting as `train-dbm models` lists it.
public struct DetectorSetting: Codable, Sendable, Equatable {
  public var key: String
  /// What a value looks like: `true|false`, `n`, `x`, `n,n,...`, or the names to choose from.
  public var form: String
  /// The value, as `--set` takes it.
  public var value: String
  public var help: String
}

/// The settings of a value by its stored properties: found, listed, changed by name.
///
/// A property's Swift type decides what text it accepts.
struct SettingGroup<Value: Codable> {
  let value: Value
  let help: [String: String]
  /// The properties that may be set; nil for all.
  var only: [String]?

  private var properties: [(key: String, value: Any)] {
    Mirror(reflecting: value).children.compactMap { child in
      child.label.flatMap { only?.contains($0) ?? true ? ($0, child.value) : nil }
    }
  }

  var keys: [String] { properties.map(\.key) }

  /// The settings with their present values.
  func settings() throws -> [DetectorSetting] {
    let json = try JSONValue(encoding: value)
    return properties.map { property in
      DetectorSetting(
        key: property.key, form: Self.form(of: property.value),
        value: (json[property.key] ?? .null).settingText, help: help[property.key] ?? "")
    }
  }

  /// The value with one setting changed.
  ///
  /// - Throws: `DetectorError.badConfiguration` where the text is not of its form.
  func setting(_ key: String, to text: String) throws -> Value {
    guard let property = properties.first(where: { $0.key == key }) else { return value }
    let form = Self.form(of: property.value)
    guard let parsed = Self.parse(text, like: property.value) else {
      throw DetectorError.badConfiguration(key: key, found: text, expected: form)
    }
    var json = try JSONValue(encoding: value)
    json[key] = parsed
    return try json.decoded()
  }

  private static func form(of value: Any) -> String {
    switch value {
    case is Bool: return "true|false"
    case is Int, is UInt64: return "n"
    case is Double: return "x"
    case is [Int]: return "n,n,..."
    case is Double?: return "x|none"
    default:
      let names = (value as? any CaseIterable).map { Self.names($0) } ?? []
      return names.isEmpty ? "text" : names.joined(separator: "|")
    }
  }

  private static func parse(_ text: String, like value: Any) -> JSONValue? {
    switch value {
    case is Bool: return ["true": .bool(true), "false": .bool(false)][text]
    case is Int, is UInt64: return Int(text).map(JSONValue.integer)
    case is [Int]:
      let numbers = text.split(separator: ",").map { Int($0) }
      return numbers.contains(nil) ? nil : .array(numbers.compactMap { $0.map(JSONValue.integer) })
    case is Double?, is Double:
      if text == "none", !(type(of: value) == Double.self) { return .null }
      guard let number = Double(text), number.isFinite else { return nil }
      return .number(number)
    default:
      guard let choices = value as? any CaseIterable else { return .string(text) }
      return names(choices).contains(text) ? .string(text) : nil
    }
  }

  private static func names<Choices: CaseIterable>(_ value: Choices) -> [String] {
    Choices.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
  }
}

/// Names near a misspelt one.
enum NearNames {
  /// Those within a third of the name's length in edits, or that contain it, nearest first;
  /// three at most.
  static func of(_ name: String, among names: [String]) -> [String] {
    let wanted = name.lowercased()
    return names.compactMap { candidate -> (name: String, distance: Int)? in
      let other = candidate.lowercased()
      let contains = wanted.count > 2 && (other.contains(wanted) || wanted.contains(other))
      let distance = edits(Array(wanted), Array(other))
      return contains || distance <= max(2, other.count / 3) ? (candidate, distance) : nil
    }
    .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
  }

  /// Levenshtein's distance.
  private static func edits(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let cost = min(row[j + 1] + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
