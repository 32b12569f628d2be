import Detectors
import Tensors

/// The snippet features of one training sample: in memory, or in their file as they are stored.
///
/// Those of a file take no memory between steps: XD-Violence's 39,540 crops would be 20 GB of
/// floats.
public struct SnippetRows: Sendable {
  private enum Source: Sendable {
    case memory(Tensor<Float>)
    case stored(StoredRows)
  }

  private let source: Source
  private var maximum: Int?
  private var roundsHalfMeans = false
  /// Whether all numbers are known to be finite.
  package private(set) var isChecked = false

  /// Rows in memory, [n, width].
  public init(_ tensor: Tensor<Float>) {
    source = .memory(tensor)
  }

  /// Rows that are read from their file whenever a batch needs them.
  public init(_ rows: StoredRows) {
    source = .stored(rows)
  }

  /// The extents before any shortening, [n, width].
  public var fullShape: [Int] {
    switch source {
    case .memory(let tensor): tensor.shape
    case .stored(let rows): [rows.rowCount, rows.width]
    }
  }

  /// How many rows `tensor` has.
  public var rowCount: Int { min(fullShape.first ?? 0, maximum ?? .max) }

  /// Whether they are in a file.
  public var isStored: Bool {
    if case .stored = source { true } else { false }
  }

  /// The same rows, of which a batch gets at most `maximum`: more are averaged by
  /// `SnippetSequence.shortened`. A limit from before stays where it is the smaller one.
  ///
  /// - Parameter roundsHalfMeans: whether means of rows that are stored in half precision are
  ///   rounded to it, as `DetectorInputs.roundsHalfMeans`.
  public func limited(to maximum: Int, roundsHalfMeans: Bool = false) -> SnippetRows {
    var rows = self
    rows.maximum = min(maximum, self.maximum ?? .max)
    rows.roundsHalfMeans = roundsHalfMeans
    return rows
  }

  /// The rows as a batch gets them, [rowCount, width].
  ///
  /// - Throws: `TensorError` where their file has changed or is gone.
  public func tensor() throws -> Tensor<Float> { shortened(try all()) }

  /// The same after a check of every row before shortening, which is then known.
  ///
  /// - Parameter subject: what an error names, a video's id.
  /// - Throws: `DetectorError` for a wrong width, no row, or a non-finite number; `TensorError`.
  package mutating func checkedTensor(width: Int, subject: String) throws -> Tensor<Float> {
    let rows = try all()
    var subject = subject
    if case .stored(let stored) = source { subject += " (\(stored.url.path))" }
    try SnippetSequence.check(rows, width: width, subject: subject)
    isChecked = true
    return shortened(rows)
  }

  private func all() throws -> Tensor<Float> {
    switch source {
    case .memory(let tensor): tensor
    case .stored(let rows): try rows.read(0..<rows.rowCount)
    }
  }

  private func shortened(_ rows: Tensor<Float>) -> Tensor<Float> {
    guard let maximum, rows.shape[0] > maximum else { return rows }
    var isHalf = false
    if case .stored(let stored) = source { isHalf = stored.isHalfPrecision }
    return SnippetSequence.shortened(
      rows, to: maximum, roundsToHalf: roundsHalfMeans && isHalf)
  }
}
