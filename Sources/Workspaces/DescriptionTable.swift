import Foundation
import Records

/// The present descriptions as a table of comma-separated values (RFC 4180, lines
/// end in a line feed, UTF-8).
public enum DescriptionTable {
  /// The columns, as the first line names them; `findings` and `frameSeconds` are
  /// separated by spaces.
  public static let columns = [
    "video", "split", "text", "status", "findings", "structured", "describerKind", "model",
    "promptName", "promptVersion", "promptHash",
    "selectionKey", "requestKey", "frameSeconds", "created",
    "segmentOf", "startSeconds", "endSeconds", "frameSimilarity", "similarityEncoder",
  ]

  /// Replaces the file by what the ledger holds now, atomically.
  public static func write(
    _ ledger: Ledger, to file: URL, split: String? = nil, limit: Int? = nil
  ) throws {
    try AtomicFile.write(to: file) { take in
      try take(row(columns))
      try DescriptionExport.forEachLine(of: ledger, split: split, limit: limit) { line in
        try take(
          row([
            line.video, line.split ?? "", line.text,
            line.status.rawValue,
            line.findings.map(\.rawValue).joined(separator: " "), line.structured ?? "",
            line.describerKind,
            line.model, line.promptName, line.promptVersion, line.promptHash,
            line.selectionKey ?? "", line.requestKey,
            line.frameSeconds.map { "\($0)" }.joined(separator: " "), line.created,
            line.segmentOf ?? "", line.startSeconds.map(String.init) ?? "",
            line.endSeconds.map(String.init) ?? "",
            line.frameSimilarity.map { "\($0)" } ?? "", line.similarityEncoder ?? "",
          ]))
      }
    }
  }

  private static func row(_ cells: [String]) -> Data {
    Data((cells.map(CSVField.quoted).joined(separator: ",") + "\n").utf8)
  }
}
