import Foundation

/// The frames of a folder of images, one after the other. An image that does not
/// decode is stepped over with a warning; the others keep their times.
final class ImageFolderFrames: FrameSource {
  /// The folder as a video.
  let info: VideoInfo
  /// The folder.
  let folder: ImageFolder

  private let size: (width: Int, height: Int)
  private var next = 0
  private var current: RGBImage
  private var resizedFrameCount = 0
  private var failures: [String] = []

  /// - Throws: The first image's `VideoError` where no image decodes.
  init(folder: ImageFolder, scaledTo scaling: VideoScaling = .native) throws {
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
    info = VideoInfo(
      path: folder.path, width: first.width, height: first.height,
      durationSeconds: folder.seconds(of: folder.images.count),
      averageFrameRate: folder.frameRate, claimedFrameCount: folder.images.count,
      codec: ending == "png" ? "png" : "jpeg", container: "image folder", hasAudio: false)
    size = scaling.size(width: first.width, height: first.height)
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
      if (current.width, current.height) != (info.width, info.height) { resizedFrameCount += 1 }
      return folder.seconds(of: image)
    }
    return nil
  }

  func image() throws -> RGBImage {
    current.resized(width: size.width, height: size.height)
  }

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
