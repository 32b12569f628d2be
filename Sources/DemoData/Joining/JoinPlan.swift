import Foundation
import Records

/// Which clips make up which joined video. Made from the clips' numbers and a seed alone,
/// before anything is decoded.
///
/// Clips of consecutive numbers share cameras, so each class is cut into fifths of
/// consecutive numbers. A shuffle tests on one fifth. A joined video takes all its clips from
/// one fifth, its scene, so that videos of different scenes share no clip.
package struct JoinPlan: Sendable, Equatable {
  package static let clipsPerVideo = 6
  /// The number of fifths, and so of shuffles.
  package static let parts = 5

  /// One joined video.
  package struct Video: Sendable, Equatable {
    /// The file's name without extension: `train_fight_007`.
    package var name: String
    package var isTraining: Bool
    package var isAnomalous: Bool
    /// The fifth that its clips are from: `fifth2`; empty where they are of several.
    package var scene: String
    package var clips: [ClipFolder.Clip]

    /// The path below the data's root.
    package var path: String { "\(isTraining ? "train" : "test")/\(name).mp4" }
  }

  /// How many videos of each label a split has.
  package struct Sizes: Sendable, Equatable {
    package var training: Int
    package var test: Int

    package init(training: Int = 60, test: Int = 30) {
      self.training = training
      self.test = test
    }
  }

  package let videos: [Video]

  /// - Parameters:
  ///   - shuffle: which fifth is tested on, from 1.
  ///   - mixesFifths: draws a training video's clips from all training fifths.
  /// - Precondition: a fifth of each class fills a video (`ClipFolder.fewestClips`).
  package init(
    fights: [ClipFolder.Clip], others: [ClipFolder.Clip], shuffle: Int, seed: UInt64,
    sizes: Sizes = Sizes(), mixesFifths: Bool = false
  ) {
    precondition((1...Self.parts).contains(shuffle), "shuffle \(shuffle)")
    let pools = (0..<Self.parts).map { part in
      Pool(
        scene: "fifth\(part + 1)", fights: Self.part(part, of: fights),
        others: Self.part(part, of: others))
    }
    let test = shuffle - 1
    var training = pools.indices.filter { $0 != test }.map { pools[$0] }
    if mixesFifths {
      training = [
        Pool(
          scene: "", fights: training.flatMap(\.fights), others: training.flatMap(\.others))
      ]
    }
    var videos: [Video] = []
    for (isTraining, sources, size) in [
      (true, training, sizes.training), (false, [pools[test]], sizes.test),
    ] {
      let split = isTraining ? "train" : "test"
      var g = SeededGenerator(seed: seed, purpose: "join \(split) \(shuffle)")
      for isAnomalous in [true, false] {
        // Decks per label: normal and abnormal videos use all clips without a fight alike.
        var decks = sources.map { (fights: Deck($0.fights), others: Deck($0.others)) }
        for index in 0..<size {
          let source = index % sources.count
          let fightCount = isAnomalous ? 1 + (index / sources.count) % 2 : 0
          let others = decks[source].others.draw(Self.clipsPerVideo - fightCount, &g)
          let found = decks[source].fights.draw(fightCount, &g)
          let place = Int.random(in: 0...others.count, using: &g)
          videos.append(
            Video(
              name: String(
                format: "%@_%@_%03d", split, isAnomalous ? "fight" : "normal", index + 1),
              isTraining: isTraining, isAnomalous: isAnomalous, scene: sources[source].scene,
              clips: Array(others[..<place]) + found + Array(others[place...])))
        }
      }
    }
    self.videos = videos
  }

  /// The consecutive numbers of one fifth.
  private static func part(_ part: Int, of clips: [ClipFolder.Clip]) -> [ClipFolder.Clip] {
    Array(clips[clips.count * part / parts..<clips.count * (part + 1) / parts])
  }

  private struct Pool {
    var scene: String
    var fights: [ClipFolder.Clip]
    var others: [ClipFolder.Clip]
  }

  /// Gives every clip once before any twice.
  private struct Deck {
    let clips: [ClipFolder.Clip]
    var left: [ClipFolder.Clip] = []

    init(_ clips: [ClipFolder.Clip]) { self.clips = clips }

    /// Different clips.
    mutating func draw(_ count: Int, _ g: inout SeededGenerator) -> [ClipFolder.Clip] {
      precondition(count <= clips.count, "\(count) of \(clips.count) clips")
      var drawn: [ClipFolder.Clip] = []
      while drawn.count < count {
        if let place = left.lastIndex(where: { !drawn.contains($0) }) {
          drawn.append(left.remove(at: place))
        } else {
          left = clips.shuffled(using: &g) + left
        }
      }
      return drawn
    }
  }
}
