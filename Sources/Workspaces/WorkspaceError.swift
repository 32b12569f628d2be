import Records

/// Errors of a workspace folder and its ledger.
public enum WorkspaceError: ReportableError {
  /// The named folder is not a workspace.
  case notAWorkspace(path: String)
  /// No workspace was named, and none was found.
  case noneFound(searched: String)
  /// No workspace was named, and several were found.
  case severalFound(paths: [String])
  /// `workspace.json` is damaged.
  case damagedManifest(path: String, found: String)
  /// `workspace.json` has a format that this version does not read.
  case otherFormat(path: String, found: Int, expected: Int)
  /// The workspace belongs to another data set than the named one.
  case otherDataset(path: String, found: String, asked: String)
  /// A folder or file of the workspace cannot be written or opened.
  case cannotOpen(path: String, reason: String)
  /// The ledger's file is not an SQLite database, or it is damaged.
  case notADatabase(path: String, reason: String)
  /// A build before the first release made the ledger, without the later schema steps.
  case earlierSchema(path: String, found: [String], expected: [String])
  /// A later version made the ledger.
  case newerSchema(path: String)
  /// The disk is full.
  case diskFull(path: String)
  /// The system refused a write.
  case cannotStore(path: String, reason: String)
  /// Another process locked the ledger for longer than `Ledger.busySeconds`.
  case busy(path: String)
  /// A row refers to a missing row, or violates another constraint.
  case brokenRule(path: String, reason: String)
  /// Any other failure of SQLite.
  case database(path: String, reason: String)
  /// The file to replace was not written by this program.
  case notOurs(path: String)

  public var description: String {
    switch self {
    case .notAWorkspace(let path):
      "\(path): not a workspace (no workspace.json); make one with 'describe --dataset'"
    case .noneFound(let searched):
      "\(searched): contains no workspace; make one with 'describe --dataset', or name one with "
        + "--workspace"
    case .severalFound(let paths):
      "found several workspaces: \(paths.joined(separator: ", ")); name one with --workspace"
    case .damagedManifest(let path, let found):
      "\(path): found \(found); restore the file, or move the workspace away and describe again"
    case .otherFormat(let path, let found, let expected):
      "\(path): found workspace format \(found), expected format \(expected); use the version "
        + "that made it, or name another --workspace"
    case .otherDataset(let path, let found, let asked):
      "\(path): found the data set '\(found)', expected '\(asked)'; name another --workspace"
    case .cannotOpen(let path, let reason):
      "\(path): cannot be opened: \(reason); check that the folder exists and is writable, or "
        + "name another with --workspace"
    case .notADatabase(let path, let reason):
      "\(path): not a ledger (\(reason)); restore it from a copy, or move it away and start again"
    case .earlierSchema(let path, let found, let expected):
      "\(path): a ledger of an earlier build: found the schema steps "
        + "\(found.joined(separator: ", ")), expected all of "
        + "\(expected.joined(separator: ", ")); save its descriptions with "
        + "'describe export' of the build that made it, and start a new workspace with --workspace"
    case .newerSchema(let path):
      "\(path): made by a later version of this program; use that version"
    case .diskFull(let path):
      "\(path): the disk is full; stored results are safe, make room and run again"
    case .cannotStore(let path, let reason):
      "\(path): cannot be written (\(reason)); check for a full disk, a quota or a limit on file "
        + "sizes; stored results are safe, make room and run again"
    case .busy(let path):
      "\(path): locked by another process for more than \(Int(Ledger.busySeconds)) s; wait until "
        + "that process ends and run again"
    case .brokenRule(let path, let reason):
      "\(path): the change violates a constraint: \(reason); check the ledger with "
        + "'describe verify'"
    case .database(let path, let reason):
      "\(path): \(reason); run again, and if the error repeats, check the ledger with "
        + "'describe verify'"
    case .notOurs(let path):
      "\(path): not written by 'describe export', which would replace it; name another folder "
        + "with --out"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .noneFound, .severalFound, .otherDataset, .notOurs: .usage
    case .notAWorkspace, .damagedManifest, .otherFormat, .notADatabase, .earlierSchema,
      .newerSchema:
      .unreadableInput
    case .cannotOpen, .diskFull, .cannotStore, .busy, .brokenRule, .database: .other
    }
  }
}
