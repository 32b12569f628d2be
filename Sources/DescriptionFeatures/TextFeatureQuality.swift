import Foundation
import Records
import Tensors

/// Figures that show whether a set of description vectors is worth training on: how many
/// descriptions are equal, whether classes are separate, and whether a description matches its
/// own video better than others.
public struct TextFeatureQuality: Codable, Sendable, Equatable {
  /// Two vectors with at least this cosine count as near duplicates.
  public static let nearDuplicateCosine: Float = 0.95
  /// Of more descriptions than this, a seeded sample is compared.
  public static let maximumCompared = 10_000

  /// The similarity of one class's vectors to each other and to those of other classes.
  public struct ClassFigures: Codable, Sendable, Equatable {
    public var name: String
    public var videos: Int
    /// Mean cosine of pairs within the class; nil for one video.
    public var within: Double?
    /// Mean cosine of pairs with other classes' videos; nil if there are none.
    public var toOthers: Double?
  }

  /// The similarity of descriptions to pictures in the same space.
  public struct VideoFigures: Codable, Sendable, Equatable {
    /// Videos with both.
    public var videos: Int
    /// Mean cosine of a description and the mean picture of its own video.
    public var own: Double
    /// Mean cosine of a description and the mean pictures of all other videos.
    public var others: Double
    /// Share of descriptions that match their own video best of all.
    public var firstShare: Double
    /// That share by chance.
    public var chance: Double
  }

  /// The number of descriptions.
  public var descriptions: Int
  /// The number of descriptions that were compared.
  public var compared: Int
  /// Share of descriptions that have exactly the same vector as another one.
  public var duplicateShare: Double
  /// Share with at least one other vector at `nearDuplicateCosine` or more, equal ones included.
  public var nearDuplicateShare: Double
  /// Mean cosine of all pairs; near 1 if the space separates little.
  public var meanCosine: Double
  /// By name; empty without labels.
  public var classes: [ClassFigures]
  /// Mean cosine of pairs of one class minus that of pairs of different classes.
  public var separation: Double?
  /// Share of descriptions whose nearest other vector shares a class with them.
  public var neighbourAgreement: Double?
  /// That share for a neighbour drawn at random.
  public var neighbourChance: Double?
  /// Nil if there are no pictures in the same space.
  public var video: VideoFigures?

  /// - Parameters:
  ///   - vectors: of length 1, by video.
  ///   - classes: the classes of each video; videos without classes are left out of the figures
  ///     about classes.
  ///   - pictures: mean pictures of length 1 in the same space, by video.
  public init(
    vectors: [String: [Float]], classes: [String: Set<String>], pictures: [String: [Float]] = [:],
    seed: UInt64 = 1
  ) {
    descriptions = vectors.count
    var owners = vectors.keys.sorted()
    if owners.count > Self.maximumCompared {
      var generator = SeededGenerator(seed: seed, purpose: "quality")
      owners = owners.shuffled(using: &generator).prefix(Self.maximumCompared).sorted()
    }
    compared = owners.count
    let pairs = PairwiseCosines(
      rows: owners.map { vectors[$0] ?? [] }, classes: owners.map { classes[$0] ?? [] })
    duplicateShare = pairs.share(\.hasDuplicate)
    nearDuplicateShare = pairs.share(\.hasNearDuplicate)
    meanCosine = pairs.meanCosine
    self.classes = pairs.classFigures
    separation = pairs.separation
    neighbourAgreement = pairs.neighbourAgreement
    neighbourChance = pairs.neighbourChance
    video = Self.videoFigures(
      owners.filter { pictures[$0] != nil }, vectors: vectors, pictures: pictures)
  }

  private static func videoFigures(
    _ owners: [String], vectors: [String: [Float]], pictures: [String: [Float]]
  ) -> VideoFigures? {
    guard owners.count > 1, let width = vectors[owners[0]]?.count else { return nil }
    func matrix(_ rows: [String: [Float]]) -> Tensor<Float> {
      Tensor(shape: [owners.count, width], scalars: owners.flatMap { rows[$0] ?? [] })
    }
    let texts = matrix(vectors)
    let images = matrix(pictures)
    var own = 0.0
    var others = 0.0
    var first = 0
    for start in stride(from: 0, to: owners.count, by: PairwiseCosines.blockRows) {
      let end = min(start + PairwiseCosines.blockRows, owners.count)
      let block = texts[rows: start..<end].matrixMultiplied(by: images, otherTransposed: true)
      for row in start..<end {
        let cosines = block.scalars[(row - start) * owners.count..<(row - start + 1) * owners.count]
        let mine = block.scalars[(row - start) * owners.count + row]
        own += Double(mine)
        others += cosines.reduce(-Double(mine)) { $0 + Double($1) }
        if !cosines.enumerated().contains(where: { $0.offset != row && $0.element >= mine }) {
          first += 1
        }
      }
    }
    let count = Double(owners.count)
    return VideoFigures(
      videos: owners.count, own: own / count, others: others / count / (count - 1),
      firstShare: Double(first) / count, chance: 1 / count)
  }
}

/// The cosines of all pairs of rows, computed for one block of rows at a time, so that memory
/// holds only `blockRows` rows of cosines.
struct PairwiseCosines {
  /// The figures of one row.
  struct RowFigures {
    var hasDuplicate = false
    var hasNearDuplicate = false
    /// Whether the nearest other row shares a class; nil if one of them has none.
    var agrees: Bool?
  }

  static let blockRows = 256
  /// The least cosine of equal vectors: in single precision it is not exactly 1.
  private static let equalCosine: Float = 0.99999

  private let classes: [Set<String>]
  private var rows: [RowFigures]
  private var sum = 0.0
  /// Sums and numbers of the pairs that share a class, and of those that do not.
  private var within = (sum: 0.0, pairs: 0)
  private var between = (sum: 0.0, pairs: 0)
  private var byClass: [String: (withinSum: Double, within: Int, otherSum: Double, other: Int)] =
    [:]

  /// - Parameter rows: of length 1 and of one width.
  init(rows vectors: [[Float]], classes: [Set<String>]) {
    self.classes = classes
    rows = Array(repeating: RowFigures(), count: vectors.count)
    guard vectors.count > 1 else { return }
    let matrix = Tensor(shape: [vectors.count, vectors[0].count], scalars: vectors.flatMap { $0 })
    for start in stride(from: 0, to: vectors.count, by: Self.blockRows) {
      let end = min(start + Self.blockRows, vectors.count)
      let block = matrix[rows: start..<end].matrixMultiplied(by: matrix, otherTransposed: true)
      for row in start..<end {
        take(
          block.scalars[(row - start) * vectors.count..<(row - start + 1) * vectors.count], of: row)
      }
    }
  }

  private mutating func take(_ cosines: ArraySlice<Float>, of row: Int) {
    var nearest = (cosine: -Float.infinity, row: -1)
    for (other, cosine) in cosines.enumerated() where other != row {
      if cosine > nearest.cosine { nearest = (cosine, other) }
      sum += Double(cosine)
      guard !classes[row].isEmpty, !classes[other].isEmpty else { continue }
      let isShared = !classes[row].isDisjoint(with: classes[other])
      if isShared {
        within.sum += Double(cosine)
        within.pairs += 1
      } else {
        between.sum += Double(cosine)
        between.pairs += 1
      }
      for name in classes[row] {
        var figures = byClass[name] ?? (0, 0, 0, 0)
        if classes[other].contains(name) {
          figures.withinSum += Double(cosine)
          figures.within += 1
        } else {
          figures.otherSum += Double(cosine)
          figures.other += 1
        }
        byClass[name] = figures
      }
    }
    rows[row].hasDuplicate = nearest.cosine >= Self.equalCosine
    rows[row].hasNearDuplicate = nearest.cosine >= TextFeatureQuality.nearDuplicateCosine
    if !classes[row].isEmpty, !classes[nearest.row].isEmpty {
      rows[row].agrees = !classes[row].isDisjoint(with: classes[nearest.row])
    }
  }

  func share(_ property: KeyPath<RowFigures, Bool>) -> Double {
    rows.isEmpty ? 0 : Double(rows.count { $0[keyPath: property] }) / Double(rows.count)
  }

  var meanCosine: Double {
    rows.count < 2 ? 0 : sum / Double(rows.count * (rows.count - 1))
  }

  var classFigures: [TextFeatureQuality.ClassFigures] {
    byClass.sorted { $0.key < $1.key }.map { name, figures in
      TextFeatureQuality.ClassFigures(
        name: name, videos: classes.count { $0.contains(name) },
        within: figures.within > 0 ? figures.withinSum / Double(figures.within) : nil,
        toOthers: figures.other > 0 ? figures.otherSum / Double(figures.other) : nil)
    }
  }

  var separation: Double? {
    guard within.pairs > 0, between.pairs > 0 else { return nil }
    return within.sum / Double(within.pairs) - between.sum / Double(between.pairs)
  }

  var neighbourAgreement: Double? {
    let known = rows.compactMap(\.agrees)
    return known.isEmpty ? nil : Double(known.count { $0 }) / Double(known.count)
  }

  /// The share of pairs that share a class.
  var neighbourChance: Double? {
    let pairs = within.pairs + between.pairs
    return pairs > 0 ? Double(within.pairs) / Double(pairs) : nil
  }
}
