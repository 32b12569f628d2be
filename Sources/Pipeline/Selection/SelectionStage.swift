import Encoders
import Foundation
import KeyEvents
import Records
import SelectionReports

/// Selects key frames of videos, and writes the frames and their record into a folder per
/// video: the pictures, `<name>.contact.jpg`, `<name>.timeline.svg`, `<name>.csv`,
/// `<name>.ffmpeg.txt` and `<name>.selection.json`.
public struct SelectionStage: Sendable {
  public struct Options: Sendable {
    public var selection: SelectionOptions
    public var pictures: PictureFormat
    /// Whether to write `<name>.embeddings.npy` too, the candidates' embeddings.
    public var writesEmbeddings: Bool
    /// The number of videos processed at once. The matrix library's threads are not divided
    /// among them: see `MatrixThreads`.
    public var jobs: Int

    public init(
      selection: SelectionOptions = SelectionOptions(), pictures: PictureFormat = PictureFormat(),
      writesEmbeddings: Bool = false, jobs: Int = Parallel.cores
    ) {
      self.selection = selection
      self.pictures = pictures
      self.writesEmbeddings = writesEmbeddings
      self.jobs = jobs
    }
  }

  /// The result for one video.
  public enum Outcome: Sendable {
    case selected(SelectionRecord, SelectionWriter.Output)
    /// The journal contains a record with equal settings, and its files are there.
    case known(SelectionRecord)
    case failed(any ReportableError)

    public var record: SelectionRecord? {
      switch self {
      case .selected(let record, _), .known(let record): record
      case .failed: nil
      }
    }

    public var failure: (any ReportableError)? {
      if case .failed(let error) = self { error } else { nil }
    }
  }

  private let scorer: any RelevanceScorer
  private let options: Options
  private let journal: SelectionJournal?
  private let folder: @Sendable (_ id: String) -> URL

  /// - Parameters:
  ///   - journal: records are appended to it, and videos that it contains with equal settings
  ///     are skipped.
  ///   - folder: the output folder of a video, by the video's id.
  /// - Throws: `KeyEventError.noEmbeddings` if embeddings are to be written and the scorer
  ///   makes none.
  public init(
    scorer: any RelevanceScorer, options: Options = Options(), journal: SelectionJournal? = nil,
    folder: @escaping @Sendable (_ id: String) -> URL
  ) throws {
    if options.writesEmbeddings, scorer.queries.isEmpty {
      throw KeyEventError.noEmbeddings(path: "<name>.embeddings.npy")
    }
    self.scorer = scorer
    self.options = options
    self.journal = journal
    self.folder = folder
  }

  /// The amount of work, with the encoding's rate measured on these videos.
  public func plan(_ videos: [(id: String, path: String)]) throws -> BulkPlan {
    try .selection(
      videos.map(\.path), frames: options.selection.frames,
      encoder: (scorer as? CLIPRelevanceScorer)?.imageEncoder, jobs: options.jobs)
  }

  /// Selects the videos' key frames; a failure ends only its own video.
  ///
  /// - Returns: the outcomes in the order of the videos; nil for videos that a stop kept from
  ///   starting.
  public func run(
    _ videos: [(id: String, path: String)], reporter: StageReporter = .silent,
    stop: StopSignal = StopSignal()
  ) -> [Outcome?] {
    reporter.begin("select", total: videos.count, itemName: "videos")
    let threads = Parallel.threadsPerItem(jobs: options.jobs, items: videos.count)
    let outcomes = Parallel.map(videos, jobs: options.jobs, until: stop) {
      item -> Outcome in
      let outcome = outcome(of: item, threads: threads) { reporter.reached($0, of: item.id) }
      reporter.advance(failed: outcome.failure != nil, item: item.id)
      return outcome
    }
    reporter.end(needsSummary: videos.count > 1)
    return outcomes
  }

  private func outcome(
    of item: (id: String, path: String), threads: Int, progress: (Double) -> Void
  ) -> Outcome {
    var selection = options.selection
    selection.decodingThreads = threads
    let writer = SelectionWriter(folder: folder(item.id), pictures: options.pictures)
    do {
      if let known = try journal?.record(of: item.path, options: selection, scorer: scorer),
        writer.holds(known, name: item.id),
        !options.writesEmbeddings
          || FileManager.default.fileExists(
            atPath: Self.embeddingsFile(in: writer.folder, name: item.id).path)
      {
        return .known(known)
      }
      let video = try ScoredCandidates(
        path: item.path, options: selection, scorer: scorer, progress: progress)
      var record = try video.record(selection)
      let chosen = record.frames.map(\.candidateIndex)
      let output = try writer.write(&record, name: item.id) { give in
        try video.forEachPicture(of: chosen, body: give)
      }
      try Self.writeViews(of: record, to: writer.folder, name: item.id)
      if options.writesEmbeddings {
        try CandidateEmbeddings.write(
          video.curve.embeddings, to: Self.embeddingsFile(in: writer.folder, name: item.id))
      }
      // Last, because a video in the journal is not selected again.
      try journal?.append(record)
      return .selected(record, output)
    } catch let error as any ReportableError {
      return .failed(error)
    } catch {
      return .failed(
        PipelineError.notReady(subject: item.path, finding: "\(error)", remedy: "check the file"))
    }
  }

  /// Selects from scores alone, without a video: writes the record, the timeline and the lists.
  ///
  /// - Returns: the record and its file.
  /// - Throws: `KeyEventError`, `RecordError`.
  public static func select(
    from scores: ScoreFile, named name: String, options: Options = Options(),
    journal: SelectionJournal? = nil, folder: URL
  ) throws -> (record: SelectionRecord, file: URL) {
    let embeddings = embeddingsFile(in: folder, name: name)
    if options.writesEmbeddings, !scores.curve.hasEmbeddings {
      throw KeyEventError.noEmbeddings(path: embeddings.path)
    }
    let record = try scores.record(options.selection)
    let file = folder.appendingPathComponent("\(name).selection.json")
    try writeViews(of: record, to: folder, name: name)
    try JSONRecord.write(record, to: file)
    try journal?.append(record)
    if options.writesEmbeddings {
      try CandidateEmbeddings.write(scores.curve.embeddings, to: embeddings)
    }
    return (record, file)
  }

  /// Writes the files that need only the record: timeline, CSV, ffmpeg filter.
  private static func writeViews(of record: SelectionRecord, to folder: URL, name: String) throws {
    try SelectionTimeline(record: record).write(
      to: folder.appendingPathComponent("\(name).timeline.svg"))
    try FrameList(record: record).write(to: folder, name: name)
  }

  private static func embeddingsFile(in folder: URL, name: String) -> URL {
    folder.appendingPathComponent("\(name).embeddings.npy")
  }
}
