import Video

extension PictureSize {
  /// The most videos whose header is read for their size.
  static let mostSampled = 24

  /// The sizes of some of a run's videos, evenly spread over the list; those whose header
  /// cannot be read are left out.
  static func sample(of items: [WorkItem]) -> [PictureSize] {
    var paths: [String] = []
    for item in items where paths.last != item.video.path { paths.append(item.video.path) }
    let count = min(mostSampled, paths.count)
    let sizes = (0..<count).compactMap { place -> PictureSize? in
      let path = paths[count == 1 ? 0 : place * (paths.count - 1) / (count - 1)]
      return (try? VideoReader(path: path).info).map {
        PictureSize(width: $0.width, height: $0.height)
      }
    }
    return Array(Set(sizes))
  }
}
