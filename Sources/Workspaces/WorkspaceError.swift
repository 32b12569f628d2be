import Records

/// What goes wrong with a workspace folder or its ledger.
public enum WorkspaceError: ReportableError {
  /// There is no workspace at the place that was named.
  case notAWorkspace(path: String)
  /// No workspace was named and there is none to find.
  case noneFound(searched: String)
  /// No workspace was named and there are several.
  case severalFound(paths: [String])
  /// `workspace.json` is damaged.
  case damagedManifest(path: String, found: String)
  /// `workspace.json` has a format that this version does not know.
  case otherFormat(path: String, found: Int, expected: Int)
  /// The workspace holds another data set than the one that was asked for.
  case otherDataset(path: String, found: String, asked: String)
  /// A folder or file of the workspace cannot be written or opened.
  case cannotOpen(path: String, reason: String)
  /// The ledger's file is not an SQLite database, or is damaged.
  case notADatabase(path: String, reason: String)
  /// A build before the first release made the ledger, and it lacks later steps.
  case earlierSchema(path: String, found: [String], expected: [String])
  /// The ledger was made by a later version.
  case newerSchema(path: String)
  /// There is no room left on the disk.
  case diskFull(path: String)
  /// The system refused a write.
  case cannotStore(path: String, reason: String)
  /// Another process held the ledger for longer than the wait.
  case busy(path: String)
  /// A row refers to something that is not in the ledger, or breaks another rule of it.
  case brokenRule(path: String, reason: String)
  /// Any other failure of SQLite.
  case database(path: String, reason: String)
  /// A file that is to be replaced was not written by this program.
  case notOurs(path: String)
  /// A video's file cannot be read.
  case unreadableVideo(path: String, reason: String)

  public var description: String {
    switch self {
    case .notAWorkspace(let path):
      "\(path): not a workspace (no workspace.json); make one with describe --dataset"
    case .noneFound(let searched):
      "\(searched): no workspace in it; make one with describe --dataset, or name one with --workspace"
    case .severalFound(let paths):
      "several workspaces: \(paths.joined(separator: ", ")); name one with --workspace"
    case .damagedManifest(let path, let found):
      "\(path): found \(found); restore the file, or move the workspace away and describe again"
    case .otherFormat(let path, let found, let expected):
      "\(path): workspace format \(found), this version reads format \(expected); "
        + "use the version that made it, or another --workspace"
    case .otherDataset(let path, let found, let asked):
      "\(path): holds the data set '\(found)', not '\(asked)'; name another --workspace"
    case .cannotOpen(let path, let reason):
      "\(path): cannot be opened: \(reason); check that the folder is there and that you may "
        + "write in it, or name another with --workspace"
    case .notADatabase(let path, let reason):
      "\(path): not a ledger (\(reason)); restore it from a copy, or move it away to start again"
    case .earlierSchema(let path, let found, let expected):
      "\(path): a ledger of an earlier build: found the schema steps \(found.joined(separator: ", ")), "
        + "expected all of \(expected.joined(separator: ", ")); save its descriptions with "
        + "'describe export' of the build that made it, and start a new workspace with --workspace"
    case .newerSchema(let path):
      "\(path): made by a later version of this program; use that version"
    case .diskFull(let path):
      "\(path): the disk is full; what was stored is safe, make room and run again"
    case .cannotStore(let path, let reason):
      "\(path): cannot be written (\(reason)): look for a full disk, a quota or a limit on file "
        + "sizes; what was stored is safe, run again when there is room"
    case .busy(let path):
      "\(path): held by another process for too long; wait for it to end and run again"
    case .brokenRule(let path, let reason):
      "\(path): refused by the ledger's rules: \(reason); see what 'describe verify' finds"
    case .database(let path, let reason):
      "\(path): \(reason); run again, and where it stays so see what 'describe verify' finds"
    case .notOurs(let path):
      "\(path): not written by describe export, and would be replaced; name another folder with --out"
    case .unreadableVideo(let path, let reason):
      "\(path): cannot be read: \(reason); mend the file, or name its place with --root"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .noneFound, .severalFound, .otherDataset, .notOurs: .usage
    case .notAWorkspace, .damagedManifest, .otherFormat, .notADatabase, .earlierSchema,
      .newerSchema, .unreadableVideo:
      .unreadableInput
    case .cannotOpen, .diskFull, .cannotStore, .busy, .brokenRule, .database: .other
    }
  }
}
