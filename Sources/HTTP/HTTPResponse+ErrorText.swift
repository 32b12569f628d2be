import Foundation

extension HTTPResponse {
  /// What an error answer says: `{"error": {"message"}}`, `{"error": "..."}`,
  /// `{"detail": ...}` or plain text; one line, at most 300 characters.
  public var errorText: String {
    var text = String(decoding: body.prefix(4096), as: UTF8.self)
    if let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any] {
      if let error = object["error"] as? [String: Any], let message = error["message"] as? String {
        text = message
      } else if let error = object["error"] as? String {
        text = error
      } else if let detail = object["detail"] as? String {
        text = detail
      }
    }
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.isEmpty ? "no reason given" : String(line.prefix(300))
  }
}
