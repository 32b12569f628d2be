import Foundation
import Records
import Tensors
import Video

/// Snippet features on disk: `<root>/<key>/` with `provenance.json`, the files of
/// `SnippetFeatureFile` and a `SnippetFeatureRecord` for each video.
///
/// All files are written atomically and a video's record last. Several threads and processes
/// may therefore fill one store, and a killed one leaves nothing that looks complete.
public struct SnippetFeatureStore: Sendable {
  /// `<root>/<key>`.
  public let folder: URL
  public let provenance: SnippetFeatureProvenance
  /// The encoder for missing features; nil where none can be made, as for imported features.
  public let encoder: (any SnippetEncoder)?

  /// How the videos are read.
  public let views: VideoViews

  /// The folder's name.
  public var key: String { folder.lastPathComponent }

  /// The store of an encoder below `root`; its folder is made with the first features.
  ///
  /// - Parameters:
  ///   - storage: How features are stored, and which frames make a snippet.
  ///   - views: How the videos are read.
  ///   - software: Versions for `provenance.json`, by name.
  public init(
    root: URL, encoder: any SnippetEncoder, storage: SnippetFeatureStorage = .init(),
    views: VideoViews = .asRecorded, software: [String: String] = [:]
  ) throws {
    try self.init(
      root: root, encoder: encoder,
      provenance: SnippetFeatureProvenance(
        encoder: encoder.identity, pooling: encoder.poolingName, crops: encoder.crops,
        grouping: storage.grouping, elementType: storage.elementType,
        fileFormat: storage.fileFormat, views: views.keyText,
        software: software.isEmpty ? [] : [software]), views: views)
  }

  /// The store of a provenance; its folder is made with the first features.
  ///
  /// - Parameter views: The views that `provenance.views` names.
  public init(
    root: URL, encoder: (any SnippetEncoder)?, provenance: SnippetFeatureProvenance,
    views: VideoViews = .asRecorded
  ) throws {
    self.encoder = encoder
    self.views = views
    folder = root.appendingPathComponent(provenance.key)
    let file = Self.provenanceFile(in: folder)
    guard FileManager.default.fileExists(atPath: file.path) else {
      self.provenance = provenance
      return
    }
    var merged = try JSONRecord.read(SnippetFeatureProvenance.self, from: file)
    merged.software += provenance.software.filter { !merged.software.contains($0) }
    self.provenance = merged
  }

  /// Writes `provenance.json` where it is missing or lists fewer versions.
  private func writeProvenance() throws {
    let file = Self.provenanceFile(in: folder)
    if FileManager.default.fileExists(atPath: file.path),
      try JSONRecord.read(SnippetFeatureProvenance.self, from: file) == provenance
    {
      return
    }
    try JSONRecord.write(provenance, to: file)
  }

  /// Opens an existing store for reading.
  ///
  /// - Throws: `RecordError` where the folder has no `provenance.json`.
  public init(folder: URL) throws {
    self.folder = folder
    encoder = nil
    views = .asRecorded
    provenance = try JSONRecord.read(
      SnippetFeatureProvenance.self, from: Self.provenanceFile(in: folder))
  }

  /// The stores below `root`, by key.
  public static func all(in root: URL) -> [SnippetFeatureStore] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.sorted().compactMap {
      try? SnippetFeatureStore(folder: root.appendingPathComponent($0))
    }
  }

  private static func provenanceFile(in folder: URL) -> URL {
    folder.appendingPathComponent("provenance.json")
  }

  /// The record of one video's features: from the store, or after extracting them where they
  /// are missing or the file has changed.
  ///
  /// - Parameters:
  ///   - contentHash: as for `record(id:of:contentHash:)`; evaluated at most once, and not for
  ///     a missing file.
  ///   - progress: as for `SnippetFeatures.read`.
  /// - Throws: `EncoderError.featuresMissing` where nothing can be extracted; the errors of
  ///   `contentHash` and of `SnippetFeatures.read`; `RecordError`.
  public func prepare(
    id: String, path: String, contentHash: @autoclosure () throws -> String? = nil,
    threads: Int = 1, progress: ((Double) throws -> Void)? = nil
  ) throws -> (record: SnippetFeatureRecord, wasStored: Bool) {
    var measured: String??
    func hash() throws -> String? {
      if let measured { return measured }
      let hash = try contentHash()
      measured = hash
      return hash
    }
    if let stored = try record(id: id, of: path, contentHash: hash()) {
      return (stored, true)
    }
    guard let encoder else { throw EncoderError.featuresMissing(id: id, folder: folder.path) }
    // Before reading: features of a file that changes meanwhile must not count as its new
    // content's. A missing file is the reader's error.
    let contentHash = FileManager.default.fileExists(atPath: path) ? try hash() : nil
    let read = try SnippetFeatures.read(
      path: path, view: views.view(of: id), encoder: encoder, grouping: provenance.grouping,
      threads: threads,
      progress: progress)
    let record = SnippetFeatureRecord(
      path: path, fileBytes: FileSize.bytes(at: URL(fileURLWithPath: path)) ?? 0,
      contentHash: contentHash, frameCount: read.tickCount,
      decodedFrameCount: read.decodedFrameCount, frameRate: read.frameRate,
      snippetCount: read.rows.shape[0], crops: Array(read.crops.indices), warnings: read.warnings)
    try write(read.crops.enumerated().map { ($0.offset, $0.element) }, record: record, id: id)
    return (record, false)
  }

  /// Writes a video's features and then its record.
  public func write(
    _ crops: [(crop: Int, rows: Tensor<Float>)], record: SnippetFeatureRecord, id: String
  ) throws {
    // An older record must not vouch for files that are being replaced.
    try? FileManager.default.removeItem(at: recordFile(id))
    try file(id).write(crops)
    try keep(record, id: id)
  }

  /// Adds a crop's .npy file unchanged: linked, or copied from another disk. Call `keep` with
  /// the video's record after it.
  public func adopt(_ file: URL, id: String, crop: Int) throws {
    let target = self.file(id).url(crop: crop)
    // Renaming a link over another one of the same file would leave both.
    try? FileManager.default.removeItem(at: target)
    try AtomicFile.write(to: target) { temporary in
      if link(file.resolvingSymlinksInPath().path, temporary.path) != 0 {
        try FileManager.default.copyItem(at: file.resolvingSymlinksInPath(), to: temporary)
      }
    }
  }

  /// Writes the record of a video whose files exist.
  public func keep(_ record: SnippetFeatureRecord, id: String) throws {
    try writeProvenance()
    try JSONRecord.write(record, to: recordFile(id))
  }

  /// The record of a video whose files all exist with the recorded shape; nil where the
  /// features must be made.
  public func record(id: String) throws -> SnippetFeatureRecord? {
    guard FileManager.default.fileExists(atPath: recordFile(id).path) else { return nil }
    let record = try JSONRecord.read(SnippetFeatureRecord.self, from: recordFile(id))
    let shape = [record.snippetCount, provenance.encoder.dimension]
    return record.crops.allSatisfy({ file(id).holds(crop: $0, shape: shape) }) ? record : nil
  }

  /// The same, and only where the video file has not changed. A video that is not available
  /// (imported features, a deleted file) counts as unchanged.
  ///
  /// - Parameter contentHash: the fingerprint of the file's content, as
  ///   `VideoFingerprint.hash`; where nil, only the file's length is compared. Evaluated only
  ///   where there are a record to compare with and a file.
  /// - Throws: the errors of `contentHash`; `RecordError`.
  public func record(
    id: String, of path: String, contentHash: @autoclosure () throws -> String?
  ) throws -> SnippetFeatureRecord? {
    guard let stored = try record(id: id) else { return nil }
    guard encoder != nil, let bytes = FileSize.bytes(at: URL(fileURLWithPath: path)) else {
      return stored
    }
    let isSame = try contentHash().map { $0 == stored.contentHash } ?? (bytes == stored.fileBytes)
    return isSame ? stored : nil
  }

  /// The rows of one crop of a video, [snippets, dimension]; for nil the crop that scores it,
  /// else the first stored one.
  ///
  /// - Throws: `EncoderError.featuresMissing` where the store does not have them.
  public func rows(id: String, crop: Int? = nil) throws -> Tensor<Float> {
    guard let record = try record(id: id) else { throw missing(id, crop) }
    return try rows(of: record, id: id, crop: crop)
  }

  /// The same for a video whose record was just read or made.
  public func rows(of record: SnippetFeatureRecord, id: String, crop: Int? = nil) throws
    -> Tensor<Float>
  {
    guard let known = crop ?? record.testCrop ?? record.crops.first,
      record.crops.contains(known)
    else { throw missing(id, crop) }
    return try file(id).read(crop: known)
  }

  /// The rows of one of the record's crops, read on demand and as they are stored; nil for a
  /// file that can only be read whole, such as an array in Fortran order.
  ///
  /// - Throws: `EncoderError.featuresMissing` where the record does not have the crop;
  ///   `TensorError` for its file.
  public func storedRows(of record: SnippetFeatureRecord, id: String, crop: Int) throws
    -> StoredRows?
  {
    guard record.crops.contains(crop) else { throw missing(id, crop) }
    return try file(id).storedRows(crop: crop)
  }

  private func missing(_ id: String, _ crop: Int?) -> EncoderError {
    .featuresMissing(id: crop.map { "\(id), crop \($0)" } ?? id, folder: folder.path)
  }

  private func file(_ id: String) -> SnippetFeatureFile {
    SnippetFeatureFile(folder: folder, id: id, provenance: provenance)
  }

  private func recordFile(_ id: String) -> URL { folder.appendingPathComponent("\(id).json") }
}
