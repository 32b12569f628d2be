import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import Pipeline
import Records
import Workspaces

struct FeaturesImportCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Imports released features (VadCLIP's, the RTFM family's) into a workspace.",
    discussion: """
      The lists are VadCLIP's CSV files of path,label rows, one .npy of [snippets, 512] per crop, \
      crops named <video>__0.npy to <video>__9.npy; or lists of one path per line, whose names \
      give the labels. A file that is listed without __<crop> holds all crops of its video, \
      [snippets, crops, width] or [crops, snippets, width], as the RTFM family releases I3D \
      features. A list is of the test split where 'test' is in its name, else of the training \
      split. Any width will do, one per import (512, 768, 1024, 2048). Files are found by name \
      below --features and linked (copied to another disk) into the workspace's \
      features/visual/<key>/; files with all crops are written crop by crop. Every array is read \
      and checked: shape, type, non-finite numbers, crops of unequal length, missing crops; rows \
      and labels are compared with the counts of the published lists.

      The workspace then contains the videos' names and labels, so that no video is needed:
        train-dbm --workspace DIR --features imported --preset no-dbm
        detect --workspace DIR --features imported --evaluate
      Each crop is a training sample of its own; a test video is scored by the crop that its \
      list names (UCF-Crime __5, XD-Violence __0), and by crop 0 of a file with all crops. With \
      --all-crops its other crops are stored too, for detect --test-crops average.

      \(CommandExit.help)
      """)

  @Option(help: ArgumentHelp("The folder with .npy files, searched recursively.", valueName: "dir"))
  var features: String

  @Option(help: ArgumentHelp("A CSV list; may be repeated.", valueName: "csv"))
  var list: [String]

  @Option(help: ArgumentHelp("The data set: its classes and known counts.", valueName: "ucf|xd"))
  var dataset: String = "ucf"

  @Option(
    help: ArgumentHelp(
      "The temporal annotation in the data set's own format, for detect --evaluate.",
      valueName: "file"))
  var annotation: String?

  @Option(
    help: ArgumentHelp(
      "XD-Violence's annotations_multiclasses.txt: which event is of which class, for mAP@IoU.",
      valueName: "file"))
  var classAnnotation: String?

  @Flag(help: "Take every crop of a listed video that is there, not only those listed.")
  var allCrops = false

  @Option(
    help: ArgumentHelp(
      "The axes of files with all crops. (default: decided by the files)",
      valueName: "n-crop-d|crop-n-d"))
  var layout: Layout?

  enum Layout: String, ExpressibleByArgument, CaseIterable {
    case snippetsFirst = "n-crop-d"
    case cropsFirst = "crop-n-d"
  }

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var resources: ResourceOptions

  @Flag(help: "The report as JSON.")
  var json = false

  func execute() async throws {
    let folders = try resources.folders()
    guard
      let descriptor = try DatasetCatalog.descriptor(named: dataset, in: folders.datasets)
    else {
      throw CommandError.badValue(
        option: "--dataset", found: dataset,
        expected: "one of \(try DatasetCatalog.names(in: folders.datasets).joined(separator: ", "))"
      )
    }
    let folder =
      workspace.workspace.map { URL(fileURLWithPath: $0) }
      ?? Workspace.defaultRoot(dataset: descriptor.name)
    let space = try Workspace.create(at: folder, dataset: descriptor.name, root: nil)
    let interruption = Interruption()
    interruption.listen()
    let report = try FeatureImport(
      features: URL(fileURLWithPath: features),
      lists: list.map { URL(fileURLWithPath: $0) }, descriptor: descriptor,
      annotation: annotation.map { URL(fileURLWithPath: $0) },
      classAnnotation: classAnnotation.map { URL(fileURLWithPath: $0) }, takesAllCrops: allCrops,
      layout: layout.flatMap { CropLayout(rawValue: $0.rawValue) }
    ).run(into: space, reporter: .console(), stop: interruption.stop)
    if json {
      Console.result(try JSONRecord.encode(report))
    } else {
      for line in report.lines { Console.result(line) }
    }
    if !report.failures.isEmpty { throw CommandExit.someItemsFailed }
  }
}
