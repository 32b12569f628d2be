import Foundation
import Records

/// Short clips with and without fights, in the layout of the public "Surveillance Camera
/// Fight Dataset": `fight/fi001.mp4` and `noFight/nofi001.mp4`, any number of each.
package struct ClipFolder: Sendable, Equatable {
  /// A clip: its path below the folder, `fight/fi001.mp4`.
  package struct Clip: Sendable, Hashable {
    package var path: String
    package var isFight: Bool

    package init(path: String, isFight: Bool) {
      self.path = path
      self.isFight = isFight
    }
  }

  package let folder: URL
  /// By number. Neighbours can be pieces of one recording.
  package let fights: [Clip]
  package let others: [Clip]

  /// The fewest clips of a class: a fifth of them then fills a joined video.
  package static let fewestClips = 5 * JoinPlan.clipsPerVideo

  /// Lists a folder's clips.
  ///
  /// - Throws: `DemoError.noClips`, `.fewClips`.
  package init(_ folder: URL) throws {
    self.folder = folder
    fights = try Self.clips(below: folder, in: "fight", prefix: "fi", isFight: true)
    others = try Self.clips(below: folder, in: "noFight", prefix: "nofi", isFight: false)
  }

  private static func clips(
    below folder: URL, in name: String, prefix: String, isFight: Bool
  ) throws -> [Clip] {
    let there = folder.appendingPathComponent(name)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: there.path)) ?? []
    let numbered: [(number: Int, name: String)] = names.compactMap { file in
      guard file.hasPrefix(prefix), file.hasSuffix(".mp4"),
        let number = Int(file.dropFirst(prefix.count).dropLast(4))
      else { return nil }
      return (number, file)
    }
    guard !numbered.isEmpty else {
      throw DemoError.noClips(path: there.path, pattern: "\(prefix)*.mp4")
    }
    guard numbered.count >= fewestClips else {
      throw DemoError.fewClips(path: there.path, count: numbered.count, fewest: fewestClips)
    }
    return numbered.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
      .map { Clip(path: "\(name)/\($0.name)", isFight: isFight) }
  }
}
