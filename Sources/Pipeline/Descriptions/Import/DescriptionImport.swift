import Datasets
import Descriptions
import Foundation
import Records
import Workspaces

/// Imports descriptions that somebody else made into a workspace's ledger, with their file as
/// the describer.
public struct DescriptionImport: Sendable {
  public struct Options: Sendable {
    public var format: ImportFormat
    /// The describer's name; nil for the one in the file, else the format's or the file's name.
    public var describer: String?
    /// Which texts of HIVAU-70k are imported.
    public var level = ImportLevel.video
    /// Whether imports replace present descriptions.
    public var isReplacing = false

    public init(format: ImportFormat) {
      self.format = format
    }
  }

  private let file: URL
  private let options: Options
  private let dataset: Dataset
  private let workspace: Workspace
  private let ledger: Ledger

  public init(
    file: URL, options: Options, dataset: Dataset, workspace: Workspace, ledger: Ledger
  ) {
    self.file = file
    self.options = options
    self.dataset = dataset
    self.workspace = workspace
    self.ledger = ledger
  }

  /// Reads the file, matches its entries with the data set's videos, and stores all of them in
  /// one transaction. Entries that cannot be imported are lines of the report.
  ///
  /// - Throws: `RecordError` for a file that cannot be read at all, `PipelineError` if none of
  ///   its names fits a video, `WorkspaceError` of the ledger, and `CancellationError` for a
  ///   stop before the transaction, after which nothing is stored.
  public func run(reporter: StageReporter = .silent, stop: StopSignal = StopSignal()) throws
    -> DescriptionImportReport
  {
    let start = ContinuousClock.now
    let source = try ImportSource(file)
    let read = try options.format.reader(level: options.level).read(source)
    let plan = ImportPlan(read.entries, dataset: dataset)
    try checkMatches(plan, of: read)
    let known = try Dictionary(
      ledger.videos().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let items = try ledgerItems(
      of: plan, known: known, source: source, reporter: reporter, stop: stop)
    guard !stop.isRequested else { throw CancellationError() }
    let outcomes = try ledger.store(items, isReplacing: options.isReplacing)
    let report = report(
      plan, read, known: known, items: items, outcomes: outcomes, source: source)
    guard report.stored > 0 else { return report }
    try DescriptionExport.write(ledger, to: workspace.descriptionsFile)
    let described = try ledger.counts().describedVideos
    try StageLog.write(
      StageRecord(
        stage: "describe", isBuiltIn: false, isImported: true,
        used: report.describers.map { Self.identity($0).description }.joined(separator: ", "),
        items: described, itemName: "videos", kept: max(0, described - report.stored),
        failed: report.problems.count, seconds: (ContinuousClock.now - start) / .seconds(1)),
      to: workspace)
    return report
  }

  private func checkMatches(_ plan: ImportPlan, of read: ImportedFile) throws {
    guard plan.items.isEmpty, plan.problems.isEmpty else { return }
    guard let name = plan.unmatched.first else {
      let first = read.problems.first
      throw RecordError.wrongFormat(
        path: file.path,
        found: first.map { "no usable entry (\($0.place): \($0.found))" } ?? "no entry",
        expected: first?.expected ?? "descriptions of videos")
    }
    throw PipelineError.notReady(
      subject: file.path,
      finding: "none of its \(plan.unmatched.count) names is a video of "
        + "\(dataset.descriptor.title) (there: \(name); here: "
        + "\(dataset.videos.first?.id ?? "no video"))",
      remedy: "check --dataset and --root")
  }

  /// The rows to store. Each video's file is measured, so that a later run knows it again.
  private func ledgerItems(
    of plan: ImportPlan, known: [String: LedgerVideo], source: ImportSource,
    reporter: StageReporter, stop: StopSignal
  ) throws -> [LedgerImport] {
    var sources: [String: LedgerImportSource] = [:]
    for item in plan.items {
      let name = describer(of: item.entry)
      guard sources[name] == nil else { continue }
      sources[name] = LedgerImportSource(
        name: name,
        describer: String(
          decoding: try JSONRecord.encode(Self.identity(name), pretty: false), as: UTF8.self),
        fileName: file.lastPathComponent, format: options.format.rawValue, fileHash: source.hash)
    }
    reporter.begin("import", total: plan.items.count, itemName: "videos")
    let fingerprints = Parallel.map(
      plan.items.map { dataset.videos[$0.video] }, jobs: Parallel.cores, until: stop
    ) { video -> VideoFingerprint in
      defer { reporter.advance() }
      // A video of imported features has no file.
      return (try? ledger.fingerprint(of: video.path)) ?? known[video.id]?.measuredFingerprint
        ?? .unmeasured
    }
    reporter.end(needsSummary: false)
    return try zip(plan.items, fingerprints).compactMap { item, fingerprint in
      guard let fingerprint, let source = sources[describer(of: item.entry)] else { return nil }
      let video = dataset.videos[item.video]
      return LedgerImport(
        video: LedgerVideo(
          id: video.id, path: video.path, fingerprint: fingerprint, split: video.split,
          classNames: video.classNames, isAnomalous: video.isAnomalous,
          durationSeconds: known[video.id]?.durationSeconds),
        text: item.sentences.text, structured: try item.sentences.record(), source: source)
    }
  }

  private func describer(of entry: ImportedDescription) -> String {
    options.describer ?? entry.describer ?? options.format.describer(level: options.level)
      ?? file.deletingPathExtension().lastPathComponent
  }

  private static func identity(_ name: String) -> DescriberIdentity {
    DescriberIdentity(kind: .imported, model: name)
  }

  private func report(
    _ plan: ImportPlan, _ read: ImportedFile, known: [String: LedgerVideo],
    items: [LedgerImport], outcomes: [LedgerImportOutcome], source: ImportSource
  ) -> DescriptionImportReport {
    func ids(_ wanted: LedgerImportOutcome) -> [String] {
      zip(items, outcomes).filter { $0.1 == wanted }.map(\.0.video.id)
    }
    var late = 0
    for item in plan.items {
      let stored = known[dataset.videos[item.video].id]?.durationSeconds
      guard let duration = item.entry.durationSeconds ?? stored else { continue }
      late += item.sentences.sentences.count { ($0.endSeconds ?? $0.startSeconds ?? 0) > duration }
    }
    let name = file.lastPathComponent
    let differing = ids(.differs)
    return DescriptionImportReport(
      file: name, format: options.format.rawValue, fileHash: source.hash,
      describers: Set(items.map(\.source.name)).sorted(), entries: read.entries.count,
      videos: items.count, sentences: plan.items.reduce(0) { $0 + $1.sentences.sentences.count },
      repeatedSentences: plan.items.reduce(0) { $0 + $1.sentences.repeats },
      repeatedEntries: plan.repeatedEntries, sentencesPastEnd: late, added: ids(.added).count,
      replaced: ids(.replaced).count, unchanged: ids(.unchanged).count,
      beside: ids(.addedBeside), differing: differing, unmatched: plan.unmatched,
      contradictions: plan.contradictions,
      problems: (read.problems + plan.problems).map { $0.line(file: name) },
      undescribed: dataset.videos.count - items.count, notes: read.notes)
  }
}
