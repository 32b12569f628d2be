import ArgumentParser
import CommandSupport
import Encoders
import Foundation
import Pipeline
import Tensors
import Video
import Workspaces

extension SnippetGrouping: ExpressibleByArgument {}
extension SnippetFeatureFile.Format: ExpressibleByArgument {}

/// The videos, their features and the output folder: the options of running and of planning.
struct FeatureInputs: ParsableArguments {
  @Argument(help: "Videos, when no data set is named.")
  var videos: [String] = []

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var visual: VisualOptions
  @OptionGroup var server: EncoderServerOptions
  @OptionGroup var jobs: JobOptions

  @Option(help: "Only this split of the data set.")
  var split: String?

  @Option(
    help:
      "16 frames per snippet, or 16 ticks of 1/30 s for videos of other rates. Training and evaluation by frames need 'frames'."
  )
  var grouping: SnippetGrouping = .frames

  @Option(help: "One .npy per crop (name__0.npy to name__9.npy), or one .safetensors per video.")
  var format: SnippetFeatureFile.Format = .npy

  @Option(help: "How numbers are stored; f16 as in VadCLIP's released features.")
  var dtype: StoredFloatType = .float32

  @Option(help: ArgumentHelp("The folder for the features of single videos.", valueName: "dir"))
  var out: String = "features"

  /// The videos and the folder of their store.
  struct Items {
    var videos: [(id: String, path: String)]
    var root: URL
    var workspace: Workspace?
    var views: VideoViews
  }

  /// Finds the videos.
  ///
  /// - Throws: `CommandError` without videos, or for both single videos and a data set.
  func items() throws -> Items {
    guard visual.features == nil else {
      throw CommandError.conflicting(
        options: "--features and kess features", remedy: "it is for train-dbm and detect")
    }
    let items: Items
    if dataset.dataset != nil {
      guard videos.isEmpty else {
        throw CommandError.conflicting(
          options: "--dataset and single videos", remedy: "leave one of them out")
      }
      let (dataset, space) = try workspace.open(dataset)
      items = Items(
        videos: dataset.videos(split: split).map { ($0.id, $0.path) },
        root: space.visualFeaturesRoot, workspace: space, views: dataset.views)
    } else {
      items = Items(
        videos: NamedVideos.ids(of: videos), root: URL(fileURLWithPath: out), workspace: nil,
        views: VideoViews(try dataset.viewOptions.view()))
    }
    guard !items.videos.isEmpty else {
      throw CommandError.nothingToDo(command: "kess features", expected: "videos or --dataset")
    }
    return items
  }

  /// The store that the options name.
  func store(of items: Items, encoder: any SnippetEncoder) throws -> SnippetFeatureStore {
    try SnippetFeatureStore(
      root: items.root, encoder: encoder,
      storage: SnippetFeatureStorage(
        grouping: grouping, elementType: dtype, fileFormat: format),
      views: items.views, software: SoftwareVersions.all)
  }
}
