import Datasets
import Video

extension PictureSize {
  /// The most videos whose header is read for their size.
  static let mostSampled = 24

  /// The sizes of some of a run's videos, evenly spread over the list; those whose header
  /// cannot be read are left out.
  static func sample(of items: [WorkItem]) -> [PictureSize] {
    var videos: [DatasetVideo] = []
    for item in items where videos.last?.path != item.video.path { videos.append(item.video) }
    let count = min(mostSampled, videos.count)
    let sizes = (0..<count).compactMap { place -> PictureSize? in
      let video = videos[count == 1 ? 0 : place * (videos.count - 1) / (count - 1)]
      return (try? VideoHeader(path: video.path, view: video.view).info).map {
        PictureSize(width: $0.width, height: $0.height)
      }
    }
    return Array(Set(sizes))
  }
}
