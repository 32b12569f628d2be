import Datasets
import Foundation
import KeyEvents
import Pipeline
import Records
import TestSupport
import Testing
import Workspaces

@Suite struct DatasetWorkspaceTests {
  private let small: SmallVideos
  private let resources: ResourceFolders

  init() throws {
    small = try SmallVideos()
    resources = try ResourceFolders.find()
  }

  @Test func aFolderIsOpenedAgainThroughItsWorkspace() throws {
    _ = try small.dataset()
    let folder = small.folder.file("videos")
    let space = small.folder.file("space")
    let made = try DatasetWorkspace.open(
      dataset: folder.path, workspace: space, resources: resources)
    #expect(made.dataset.videos.count == 2)
    let again = try DatasetWorkspace.open(dataset: nil, workspace: space, resources: resources)
    #expect(again.dataset.videos.map(\.id) == made.dataset.videos.map(\.id))
    #expect(try DatasetReference.read(from: again.workspace).reference == folder.path)
    #expect(try DatasetWorkspace.existing(space).root.path == space.path)
  }

  @Test func importedFeaturesNeedNoVideos() throws {
    let space = small.folder.file("imported")
    let workspace = try Workspace.create(at: space, dataset: "ucf-crime", root: nil)
    try ImportedDataset(
      videos: [DatasetVideo(id: "a", path: "a", split: "train")], annotations: [:]
    ).write(to: workspace)
    for name in [nil, "ucf-crime"] {
      let found = try DatasetWorkspace.open(dataset: name, workspace: space, resources: resources)
      #expect(found.dataset.videos.map(\.id) == ["a"])
      #expect(found.dataset.descriptor.name == "ucf-crime")
    }
  }

  @Test func anImportOfAnUnknownDataSetIsNotReady() throws {
    let workspace = try small.workspace()
    try ImportedDataset(videos: [], annotations: [:]).write(to: workspace)
    #expect(throws: PipelineError.self) {
      try ImportedDataset.open(in: workspace, resources: resources)
    }
  }

  @Test func scorersWithoutAModelAreTheBuiltIn() throws {
    let dataset = try small.dataset()
    let scorers = try small.scorers(of: dataset)
    #expect(scorers.imageEncoder == nil && scorers.frameTextCheck == nil)
    #expect(try scorers.scorer(for: dataset.videos[1]) is NoveltyScorer)
    #expect(scorers.name == NoveltyScorer().identity.description)
  }
}
