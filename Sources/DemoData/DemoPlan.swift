import Foundation
import Records

/// Which clips there are: class, split, scene, hour and seed of each. Made from
/// the seed and the number of clips alone, before anything is rendered.
package struct DemoPlan: Sendable, Equatable {
  /// Frames a second of every clip.
  package static let frameRate = 20
  /// The anomalies, in the order of the descriptor.
  package static let anomalyClasses = [
    "Explosion", "Fighting", "RoadAccidents", "Robbery", "Vandalism",
  ]
  /// How many clips share a scene: as many normal as abnormal ones.
  static let clipsPerScene = 2

  /// One clip to be rendered.
  package struct Clip: Sendable, Equatable {
    /// The file's name without extension: `Fighting003_s07_x264`.
    package var name: String
    /// `Normal` or one of the anomalies.
    package var className: String
    package var isTraining: Bool
    /// The scene's number; training and test never share one.
    package var scene: Int
    package var frameCount: Int
    var hour: Lighting.Hour
    var seed: UInt64

    /// The path below the data's root, in UCF-Crime's folders.
    package var path: String {
      let folder =
        className != "Normal"
        ? className
        : isTraining ? "Training_Normal_Videos_Anomaly" : "Testing_Normal_Videos_Anomaly"
      return "\(folder)/\(name).mp4"
    }
  }

  package let clips: [Clip]

  /// Plans `count` clips: seven tenths for training, each split half normal and
  /// half abnormal.
  package init(seed: UInt64, count: Int) {
    let training = max(2, (count * 7 / 10) & ~1)
    var clips: [Clip] = []
    var numbers: [String: Int] = [:]
    var scene = 0
    for (isTraining, size) in [(true, training), (false, max(2, count - training))] {
      var g = SeededGenerator(seed: seed, purpose: isTraining ? "training plan" : "test plan")
      let sceneCount = (size + Self.clipsPerScene - 1) / Self.clipsPerScene
      let scenes = Array(scene..<scene + sceneCount)
      scene += sceneCount
      let places = (0..<size).map { scenes[$0 % sceneCount] }
      let abnormal = Self.assign(places: Array(places.prefix(size / 2)), &g)
      for (index, place) in places.enumerated() {
        let className = index < size / 2 ? abnormal[index] : "Normal"
        let number = numbers[className, default: 0] + 1
        numbers[className] = number
        let hour = g.pick([
          Lighting.Hour.sunny, .sunny, .overcast, .overcast, .dusk, .night, .night,
        ])
        let digits = String(format: "%03d_s%02d_x264", number, place)
        clips.append(
          Clip(
            name: className == "Normal" ? "Normal_Videos_\(digits)" : "\(className)\(digits)",
            className: className, isTraining: isTraining, scene: place,
            frameCount: Int.random(in: 208...272, using: &g), hour: hour, seed: g.next()))
      }
    }
    self.clips = clips.sorted { $0.path < $1.path }
  }

  /// One anomaly for each place, all classes equally often; accidents only where
  /// there is a road, no class twice in a place where that can be helped.
  private static func assign(places: [Int], _ g: inout SeededGenerator) -> [String] {
    let hasRoad = places.map { place in
      let layout = DemoScene.Layout(rawValue: place % DemoScene.Layout.allCases.count) ?? .street
      return layout == .street || layout == .crossing || layout == .carPark
    }
    var wanted = (0..<places.count).map { anomalyClasses[$0 % anomalyClasses.count] }
    wanted.shuffle(using: &g)
    var best = wanted
    var bestFaults = Int.max
    for _ in 0..<400 {
      var faults = 0
      for index in wanted.indices {
        if wanted[index] == "RoadAccidents" && !hasRoad[index] { faults += 100 }
        for earlier in 0..<index
        where places[earlier] == places[index] && wanted[earlier] == wanted[index] {
          faults += 1
        }
      }
      if faults < bestFaults {
        bestFaults = faults
        best = wanted
      }
      if faults == 0 { break }
      wanted.shuffle(using: &g)
    }
    // What still lacks a road changes places with a class that has one.
    for index in best.indices where best[index] == "RoadAccidents" && !hasRoad[index] {
      if let other = best.indices.first(where: { hasRoad[$0] && best[$0] != "RoadAccidents" }) {
        best.swapAt(index, other)
      } else {
        best[index] = "Fighting"
      }
    }
    return best
  }
}
