import Foundation
import Records

/// A folder of numbered JPEG or PNG images that stands for a video, as ShanghaiTech
/// and Avenue publish theirs: `000.jpg`, `frame_0001.png`.
public struct ImageFolder: Sendable {
  /// Frames per second where nothing else is known: that of both data sets' cameras.
  public static let defaultFrameRate = 25.0

  /// The folder, as it was given.
  public let path: String
  /// Frames per second.
  public let frameRate: Double
  /// The images in the order of their numbers.
  public let images: [String]
  /// Images without a number at the end of their names, which are left out.
  public let unnumberedCount: Int

  /// A frame's name, taken apart for natural order: 2 comes before 10.
  private struct Name {
    var prefix: String
    var number: Int
    var name: String

    init?(_ name: String) {
      let parts = name as NSString
      let stem = parts.deletingPathExtension
      let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
      guard let number = Int(String(digits)) else { return nil }
      prefix = String(stem.dropLast(digits.count))
      self.number = number
      self.name = name
    }

    static func precedes(_ a: Name, _ b: Name) -> Bool {
      (a.prefix, a.number, a.name) < (b.prefix, b.number, b.name)
    }
  }

  /// Lists a folder's images by their names; hidden files are left out.
  ///
  /// - Returns: nil for a path that is no folder.
  /// - Throws: `VideoError.folder` where the folder holds no numbered image,
  ///   `.unreadable` where it cannot be listed.
  /// - Precondition: `frameRate` is greater than 0.
  public init?(path: String, frameRate: Double = ImageFolder.defaultFrameRate) throws {
    precondition(frameRate > 0, "\(path): \(frameRate) frames a second")
    guard Folder.exists(at: URL(fileURLWithPath: path)) else { return nil }
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw VideoError.unreadable(path: path, reason: error.localizedDescription)
    }
    let candidates = entries.filter {
      !$0.hasPrefix(".")
        && ["jpg", "jpeg", "png"].contains(($0 as NSString).pathExtension.lowercased())
    }
    let names = candidates.compactMap(Name.init).sorted(by: Name.precedes)
    guard !names.isEmpty else { throw VideoError.folder(path: path) }
    self.path = path
    self.frameRate = frameRate
    images = names.map { (path as NSString).appendingPathComponent($0.name) }
    unnumberedCount = candidates.count - names.count
  }

  /// The time of an image in seconds.
  func seconds(of image: Int) -> Double { Double(image) / frameRate }

  /// One image in the size wanted.
  ///
  /// - Throws: `VideoError` for what is not a whole JPEG or PNG image.
  func read(_ image: Int, size: (width: Int, height: Int)) throws -> RGBImage {
    try ImageFile.read(path: images[image]).resized(width: size.width, height: size.height)
  }
}
