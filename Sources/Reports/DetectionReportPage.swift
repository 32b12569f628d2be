import Foundation
import Records

/// The order of the videos in a page.
public enum ReportOrder: String, Codable, Sendable, CaseIterable {
  /// Highest peak score first.
  case peak
  /// By id.
  case name
  /// By class, and by peak score within one.
  case className = "class"
  /// As in the record.
  case given
}
