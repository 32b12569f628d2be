import Encoders
import Records

/// Which crops of a video's features score it.
public enum TestCrops: Hashable, Sendable {
  /// The crop that a data set's own list names, else the first: one crop, as VadCLIP's code.
  case listed
  /// The mean of the snippet scores of all crops.
  case average
  /// This crop.
  case crop(Int)

  /// What `--test-crops` takes; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "listed": self = .listed
    case "average": self = .average
    default:
      guard let number = Int(text), number >= 0 else { return nil }
      self = .crop(number)
    }
  }

  /// The text that `init` takes.
  public var name: String {
    switch self {
    case .listed: "listed"
    case .average: "average"
    case .crop(let number): "\(number)"
    }
  }

  /// What runs' ids and variants end in, so that other crops do not stand in for the listed
  /// ones.
  var suffix: String {
    switch self {
    case .listed: ""
    case .average: "-crops-average"
    case .crop(let number): "-crop-\(number)"
    }
  }

  /// What labels end in.
  ///
  /// - Parameter count: how many crops there are.
  func words(count: Int) -> String {
    switch self {
    case .listed: ""
    case .average: ", mean over \(count) crops"
    case .crop(let number): ", crop \(number)"
    }
  }

  /// Whether features with these crops can give it.
  ///
  /// - Throws: `PipelineError.conflicting`.
  func check(_ count: Int) throws {
    switch self {
    case .listed: return
    case .average where count > 1: return
    case .crop(let number) where number < count: return
    default:
      throw PipelineError.conflicting(
        subject: "--test-crops \(name) and features of \(count) crop\(count == 1 ? "" : "s") a "
          + "frame",
        remedy: "leave --test-crops out, or take a detector that was trained on features of "
          + "--crops 5 or 10")
    }
  }

  /// The numbers of the crops to read; nil for what the store takes by itself.
  ///
  /// - Parameter count: how many there are of each frame.
  /// - Throws: `PipelineError.notReady` where some are not stored.
  func numbers(of record: SnippetFeatureRecord, id: String, count: Int) throws -> [Int?] {
    let wanted: [Int]
    switch self {
    case .listed: return [nil]
    case .average: wanted = Array(0..<count)
    case .crop(let number): wanted = [number]
    }
    let missing = wanted.filter { !record.crops.contains($0) }
    guard missing.isEmpty else {
      throw PipelineError.notReady(
        subject: id,
        finding: "crops \(ShortList.of(missing.map(String.init))) of \(count) are not stored",
        remedy: "import released features with --all-crops, extract others with --crops "
          + "\(count), or leave --test-crops out")
    }
    return wanted
  }
}
