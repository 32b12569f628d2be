import Foundation

/// Changes bytes of good files at random, so that readers meet what nobody thought
/// of: the same seed gives the same files.
public struct ByteMutator<Generator: RandomNumberGenerator> {
  private var generator: Generator
  /// Pieces that mean something to the reader.
  private let words: [Data]

  public init(words: [String] = [], using generator: Generator) {
    self.words = words.map { Data($0.utf8) }
    self.generator = generator
  }

  /// A copy with one to four changes.
  ///
  /// - Parameter range: the bytes that may be changed; all of them by default.
  public mutating func mutated(_ data: Data, in range: Range<Int>? = nil) -> Data {
    var head = Data(data.prefix(range?.lowerBound ?? 0))
    var body =
      range.map { Data(data[data.startIndex + $0.lowerBound..<data.startIndex + $0.upperBound]) }
      ?? Data(data)
    let tail = range.map { Data(data.dropFirst($0.upperBound)) } ?? Data()
    for _ in 0...Int.random(in: 0..<4, using: &generator) { change(&body) }
    head.append(body)
    head.append(tail)
    return head
  }

  private mutating func change(_ data: inout Data) {
    guard !data.isEmpty else {
      data.append(UInt8.random(in: 0...255, using: &generator))
      return
    }
    let place = Int.random(in: 0..<data.count, using: &generator)
    let end = min(data.count, place + Int.random(in: 1...16, using: &generator))
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: data[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: data[place] = UInt8.random(in: 0...255, using: &generator)
    case 2: data[place] = [0, 0x22, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
    case 3: data.removeSubrange(place..<end)
    case 4: data.insert(contentsOf: Data(data[place..<end]), at: place)
    case 5:
      data.replaceSubrange(place..<end, with: words.randomElement(using: &generator) ?? Data())
    default: data.insert(contentsOf: words.randomElement(using: &generator) ?? Data([0]), at: place)
    }
  }
}
