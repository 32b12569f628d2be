import Foundation

/// Takes a secret out of an answer's bytes as they arrive, in whatever pieces.
struct SecretFilter {
  /// What stands in its place.
  static let mark = Data("(API key)".utf8)

  private let spellings: [Data]
  private var held = Data()

  /// - Parameter secret: at least one character. It is found as it is and as JSON writes it.
  init(_ secret: String) {
    let escaped = secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    spellings = Set([secret, escaped, escaped.replacing("/", with: "\\/")])
      .map { Data($0.utf8) }
  }

  /// What can be passed on after another piece: all but an end that may be the secret's
  /// beginning.
  mutating func feed(_ piece: Data) -> Data {
    held.append(piece)
    var passed = Data()
    var place = held.startIndex
    while let found = firstSpelling(from: place) {
      passed.append(held[place..<found.lowerBound])
      passed.append(Self.mark)
      place = found.upperBound
    }
    let end = held.endIndex - beginningCount(in: held[place...])
    passed.append(held[place..<end])
    held = Data(held[end...])
    return passed
  }

  /// What was held back, once nothing more comes.
  mutating func finish() -> Data {
    defer { held = Data() }
    return held
  }

  private func firstSpelling(from place: Int) -> Range<Int>? {
    spellings.compactMap { held.range(of: $0, in: place..<held.endIndex) }
      .min { $0.lowerBound < $1.lowerBound }
  }

  /// How many bytes at the end may be the beginning of the secret.
  private func beginningCount(in rest: Data) -> Int {
    spellings.map { spelling in
      (1..<spelling.count).last { rest.suffix($0) == spelling.prefix($0) } ?? 0
    }.max() ?? 0
  }
}
