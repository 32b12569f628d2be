import Foundation
import Tensors
import TestSupport

/// Features of 16 videos of UCF-Crime's names, 8-d, as VadCLIP's authors released theirs: a file
/// a crop, lists, and the annotation.
enum ReleasedFeatureFiles {
  /// What `kess` imports them with.
  static let importArguments = [
    "features", "import", "--features", "npy", "--list", "rgb.csv", "--list", "rgbtest.csv",
    "--annotation", "annotation.txt",
  ]

  static func write(to folder: TemporaryFolder) throws {
    var rows = (train: ["path,label"], test: ["path,label"])
    var annotation: [String] = []
    for number in 0..<8 {
      for (label, level) in [("Normal", 0.0), ("Abuse", 1.0)] {
        let isTest = number >= 6
        let name = label == "Normal" ? "Normal_Videos_00\(number)_x264" : "Abuse00\(number)_x264"
        for crop in isTest ? 5..<6 : 0..<10 {
          let values = (0..<20 * 8).map { index in
            Float(level * (index / 8 > 9 ? 1 : 0)) + Float((index * 7 + crop + number) % 5) / 50
          }
          try Npy.write(
            Tensor(shape: [20, 8], scalars: values), as: .float16,
            to: folder.file("npy/\(name)__\(crop).npy"))
          let row = "/elsewhere/\(name)__\(crop).npy,\(label)"
          if isTest { rows.test.append(row) } else { rows.train.append(row) }
        }
        if isTest {
          annotation.append(
            "\(name).mp4  \(label)  \(label == "Normal" ? "-1  -1" : "161  320")  -1  -1")
        }
      }
    }
    for (name, lines) in [
      ("rgb.csv", rows.train), ("rgbtest.csv", rows.test), ("annotation.txt", annotation),
    ] {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.file(name))
    }
  }
}
