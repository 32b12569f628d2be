import Foundation
import Records
import Tensors

/// Figures that say whether a set of description vectors is worth training on:
/// how many say the same, whether classes lie apart, whether a description fits
/// its own video better than others.
public struct TextFeatureQuality: Codable, Sendable, Equatable {
  /// Two vectors at least so alike count as near duplicates.
  public static let nearDuplicateCosine: Float = 0.95
  /// Of more descriptions than this, a seeded sample is compared.
  public static let maximumCompared = 10_000

  /// One class's vectors among themselves and to all others.
  public struct ClassFigures: Codable, Sendable, Equatable {
    public var name: String
    public var videos: Int
    /// Mean cosine of pairs within the class; nil for one video.
    public var within: Double?
    /// Mean cosine of pairs with other classes' videos; nil where there are none.
    public var toOthers: Double?
  }

  /// Descriptions against pictures, in one space.
  public struct VideoFigures: Codable, Sendable, Equatable {
    /// Videos with both.
    public var videos: Int
    /// Mean cosine of a description and the mean picture of its own video.
    public var own: Double
    /// The same with all other videos.
    public var others: Double
    /// Share of descriptions that fit their own video best of all.
    public var firstShare: Double
    /// What that share is by chance.
    public var chance: Double
  }

  /// Descriptions, and how many of them were compared.
  public var descriptions: Int
  public var compared: Int
  /// Share of descriptions with another one of exactly the same vector.
  public var duplicateShare: Double
  /// Share with another one at `nearDuplicateCosine` or nearer, the same included.
  public var nearDuplicateShare: Double
  /// Mean cosine of all pairs: near 1 where the space tells little apart.
  public var meanCosine: Double
  /// By name; empty without labels.
  public var classes: [ClassFigures]
  /// Mean cosine of pairs of one class minus that of pairs of different classes.
  public var separation: Double?
  /// Share of descriptions whose nearest other vector shares a class with them.
  public var neighbourAgreement: Double?
  /// What that share is for a neighbour drawn at random.
  public var neighbourChance: Double?
  /// Nil where there are no pictures in the same space.
  public var video: VideoFigures?

  /// - Parameters:
  ///   - vectors: of length 1, by video.
  ///   - classes: the classes of a video; videos without any are left out of the
  ///     figures about classes.
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
    let pairs = PairFigures(
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
    for start in stride(from: 0, to: owners.count, by: PairFigures.blockRows) {
      let end = min(start + PairFigures.blockRows, owners.count)
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
