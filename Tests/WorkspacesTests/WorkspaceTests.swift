import Foundation
import Records
import TestSupport
import Testing
import Workspaces

@Suite("Workspace")
struct WorkspaceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a workspace that was made can be opened and says what it is for")
  func createAndOpen() throws {
    let root = folder.file("workspaces/demo")
    let made = try Workspace.create(at: root, dataset: "demo", root: "/data/demo")
    let opened = try Workspace.open(at: root)
    #expect(opened.manifest == made.manifest)
    #expect(opened.manifest.format == 1)
    #expect(opened.manifest.dataset == "demo")
    #expect(opened.manifest.root == "/data/demo")
  }

  @Test("making it again opens it, and a moved data set gets its new root")
  func createAgain() throws {
    let root = folder.file("w")
    let first = try Workspace.create(at: root, dataset: "demo", root: "/old")
    let second = try Workspace.create(at: root, dataset: "demo", root: "/new")
    #expect(second.manifest.created == first.manifest.created)
    #expect(try Workspace.open(at: root).manifest.root == "/new")
  }

  @Test("a workspace of another data set is refused as wrong usage, naming both")
  func otherDataset() throws {
    let root = folder.file("w")
    _ = try Workspace.create(at: root, dataset: "demo", root: nil)
    let error = try #require(throws: WorkspaceError.self) {
      try Workspace.create(at: root, dataset: "ucf", root: nil)
    }
    #expect(error.failureKind == .usage)
    #expect(error.description.contains("'demo'") && error.description.contains("'ucf'"))
  }

  @Test("another format version is unreadable input, whatever else is in the file")
  func otherFormat() throws {
    let root = folder.file("w")
    try AtomicFile.write(
      Data("{\"format\": 7, \"things\": []}".utf8),
      to: root.appendingPathComponent("workspace.json"))
    let error = try #require(throws: WorkspaceError.self) { try Workspace.open(at: root) }
    #expect(error.failureKind == .unreadableInput)
    #expect(error.description.contains("format 7") && error.description.contains("format 1"))
  }

  @Test(
    "a damaged workspace.json is unreadable input",
    arguments: ["", "{", "[]", "{\"format\": 1}", "{\"format\": \"1\"}"])
  func damaged(content: String) throws {
    let root = folder.file("w")
    try AtomicFile.write(
      Data(content.utf8), to: root.appendingPathComponent("workspace.json"))
    let error = try #require(throws: WorkspaceError.self) { try Workspace.open(at: root) }
    #expect(error.failureKind == .unreadableInput)
    #expect(error.description.contains("workspace.json"))
  }

  @Test("a folder without workspace.json is not a workspace")
  func notAWorkspace() throws {
    let error = try #require(throws: WorkspaceError.self) { try Workspace.open(at: folder.url) }
    #expect(error.failureKind == .unreadableInput)
  }

  @Test("the only workspace is found; of several, all are named; none says how to make one")
  func find() throws {
    #expect(throws: WorkspaceError.self) { try Workspace.find(in: folder.url) }
    let one = Workspace.defaultRoot(dataset: "Datasets/demo.yaml", in: folder.url)
    _ = try Workspace.create(at: one, dataset: "demo", root: nil)
    #expect(try Workspace.find(in: folder.url).manifest.dataset == "demo")
    #expect(one.path.hasSuffix("/workspaces/demo"))
    // Neither a stray folder nor a file counts.
    try AtomicFile.write(Data(), to: folder.file("workspaces/notes/readme"))
    #expect(try Workspace.find(in: folder.url).manifest.dataset == "demo")
    _ = try Workspace.create(at: folder.file("workspaces/ucf"), dataset: "ucf", root: nil)
    let error = try #require(throws: WorkspaceError.self) { try Workspace.find(in: folder.url) }
    #expect(error.failureKind == .usage)
    #expect(
      error.description.contains("workspaces/demo") && error.description.contains("workspaces/ucf"))
  }

  @Test("paths in records are relative inside the workspace, so that it can be moved")
  func relativePaths() throws {
    let workspace = try Workspace.create(at: folder.file("w"), dataset: "demo", root: nil)
    let inside = workspace.selectionsFolder.appendingPathComponent("a.json")
    #expect(workspace.relativePath(of: inside) == "selections/a.json")
    #expect(workspace.url(ofRelativePath: "selections/a.json").path == inside.path)
    #expect(workspace.relativePath(of: URL(fileURLWithPath: "/else/a.json")) == "/else/a.json")
    #expect(workspace.visualFeaturesRoot.path.hasSuffix("/w/features/visual"))
    #expect(workspace.scoresFolder.path.hasSuffix("/w/scores"))
  }
}
