import ArgumentParser
import Datasets
import Video

extension PixelAspect: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// `--pixel-aspect` and `--mask`: how the videos' pictures are read.
package struct ViewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The shape of a pixel, width to height, for recorders that squeeze pictures and do not "
        + "say so; 1:1 leaves them as coded. (default: what the file says)", valueName: "w:h"))
  package var pixelAspect: PixelAspect?

  @Option(
    help: ArgumentHelp(
      "Ignore regions of the picture, such as a clock or a tree: polygons in shares of width "
        + "and height (JSON, or lines x1,y1,x2,y2,...), or a picture that is black there and "
        + "white elsewhere.", valueName: "file"))
  package var mask: String?

  package init() {}

  /// The view that the options mean.
  ///
  /// - Throws: `VideoError` for a mask that cannot be used.
  package func view() throws -> VideoView {
    VideoView(pixelAspect: pixelAspect, mask: try mask.map { try RegionMask(contentsOf: $0) })
  }

  /// The data set with what the options replace.
  package func applied(to dataset: Dataset) throws -> Dataset {
    let view = try view()
    guard view != .asRecorded else { return dataset }
    var dataset = dataset
    dataset.read(with: dataset.views.replaced(by: view))
    return dataset
  }
}
