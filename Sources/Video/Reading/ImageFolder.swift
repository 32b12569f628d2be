import Foundation
import Records

/// A folder of numbered JPEG or PNG images that represents a video, as ShanghaiTech and
/// Avenue publish theirs: `000.jpg`, `frame_0001.png`.
public struct ImageFolder: Sendable {
  /// The frames per second of both data sets' cameras, if nothing else is known.
  public static let defaultFrameRate = 25.0

  /// The folder's path as the caller gave it.
  public let path: String
  /// Frames per second.
  public let frameRate: Double
  /// The images in the order of their numbers.
  public let images: [String]
  /// The number of images without a number at the end of their names. They are ignored.
  public let unnumberedCount: Int

  /// The parts of a frame's name, for natural order: 2 comes before 10.
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

  /// Lists a folder's images by their names, without hidden files.
  ///
  /// - Returns: nil if the path is not a folder.
  /// - Throws: `VideoError.folder` if the folder contains no numbered image,
  ///   `.unreadable` if it cannot be listed.
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

  /// One image in the requested size.
  ///
  /// - Throws: `VideoError` if it is not a complete JPEG or PNG image.
  func read(_ image: Int, size: (width: Int, height: Int)) throws -> RGBImage {
    try ImageFile.read(path: images[image]).resized(width: size.width, height: size.height)
  }
}

/// The frames of a folder of images, one after the other. An image that does not decode is
/// skipped with a warning. The others keep their times.
final class ImageFolderFrames: FrameSequence {
  /// The folder as a video.
  let info: VideoInfo
  /// The folder.
  let folder: ImageFolder

  private let size: (width: Int, height: Int)
  private let mask: RegionRaster?
  private let firstSize: (width: Int, height: Int)
  private var next = 0
  private var current: RGBImage
  private var resizedFrameCount = 0
  private var failures: [String] = []

  /// - Throws: The first image's `VideoError` if no image decodes.
  init(
    folder: ImageFolder, view: VideoView = .asRecorded, scaledTo scaling: VideoScaling = .native
  ) throws {
    self.folder = folder
    var firstFailure: (any Error)?
    var found: RGBImage?
    while found == nil, next < folder.images.count {
      do {
        found = try ImageFile.read(path: folder.images[next])
      } catch {
        firstFailure = firstFailure ?? error
        failures.append("\(error)")
        next += 1
      }
    }
    guard let first = found else {
      throw firstFailure ?? VideoError.folder(path: folder.path)
    }
    current = first
    let ending = (folder.images[next] as NSString).pathExtension.lowercased()
    let shape = DisplayShape(
      width: first.width, height: first.height, aspect: view.pixelAspect)
    info = VideoInfo(
      path: folder.path, width: shape.width, height: shape.height, coded: shape.coded,
      durationSeconds: folder.seconds(of: folder.images.count),
      averageFrameRate: folder.frameRate, claimedFrameCount: folder.images.count,
      codec: ending == "png" ? "png" : "jpeg", container: "image folder", hasAudio: false)
    firstSize = (first.width, first.height)
    let size = scaling.size(width: shape.width, height: shape.height)
    self.size = size
    mask = view.mask.map { RegionRaster($0, width: size.width, height: size.height) }
    failures = []
    next = 0
  }

  func advance() -> Double? {
    while next < folder.images.count {
      let image = next
      next += 1
      do {
        current = try ImageFile.read(path: folder.images[image])
      } catch {
        failures.append("\(error)")
        continue
      }
      if (current.width, current.height) != firstSize { resizedFrameCount += 1 }
      return folder.seconds(of: image)
    }
    return nil
  }

  func image() throws -> RGBImage {
    var image = current.resized(width: size.width, height: size.height)
    mask?.cover(&image)
    return image
  }

  var isDamaged: Bool { !failures.isEmpty || resizedFrameCount > 0 }

  func warnings(decodedFrameCount: Int, isAtEnd: Bool) -> [String] {
    var lines: [String] = []
    if folder.unnumberedCount > 0 {
      lines.append(
        "\(folder.path): images without a number are left out: \(folder.unnumberedCount)")
    }
    if resizedFrameCount > 0 {
      lines.append(
        "\(folder.path): images of another size scaled to the first one's: \(resizedFrameCount)")
    }
    if let first = failures.first {
      lines.append("\(folder.path): images that do not decode: \(failures.count); \(first)")
    }
    return lines
  }
}

/// Reads wanted images of a folder. Every image is a separate group.
final class ImageFolderDecoder: GroupDecoding {
  private(set) var counts = SparseDecodeCounts()
  private let folder: ImageFolder
  private let size: (width: Int, height: Int)
  private let mask: RegionRaster?

  /// - Parameters:
  ///   - size: The size of the frames.
  ///   - mask: The regions that are ignored.
  init(folder: ImageFolder, size: (width: Int, height: Int), mask: RegionMask?) {
    self.folder = folder
    self.size = size
    self.mask = mask.map { RegionRaster($0, width: size.width, height: size.height) }
  }

  func decode(_ group: FrameGroup, deliver: (SparseFrame) throws -> Void) throws {
    for frame in group.wanted {
      guard var image = try? folder.read(frame, size: size) else {
        counts.damagedPacketCount += 1
        counts.missing.append(frame)
        continue
      }
      mask?.cover(&image)
      counts.decodedFrameCount += 1
      try deliver(SparseFrame(index: frame, image: image))
    }
  }
}
