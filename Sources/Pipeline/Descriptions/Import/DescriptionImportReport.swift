import Records

/// The findings of an import of descriptions.
public struct DescriptionImportReport: Codable, Sendable, Equatable {
  public var file: String
  public var format: String
  /// SHA-256 of the file.
  public var fileHash: String
  /// The names under which the ledger knows the descriptions.
  public var describers: [String]
  /// Entries of the file that could be read.
  public var entries: Int
  /// Videos with a description in the file.
  public var videos: Int
  public var sentences: Int
  /// Sentences that a video's text leaves out because it has them already.
  public var repeatedSentences: Int
  /// Entries that repeat another one exactly.
  public var repeatedEntries: Int
  /// Sentences whose time ends after the video; they are kept.
  public var sentencesPastEnd: Int
  /// Videos that had no description.
  public var added: Int
  /// Videos whose present description was replaced.
  public var replaced: Int
  /// Videos that had the same description of this describer.
  public var unchanged: Int
  /// Videos that keep their present description by another describer.
  public var beside: [String]
  /// Videos with another text by this describer, which stays.
  public var differing: [String]
  /// Names in the file that fit no video.
  public var unmatched: [String]
  /// Entries of another class than the data set's, one line each.
  public var contradictions: [String]
  /// What could not be imported, one line each.
  public var problems: [String]
  /// Videos of the data set that the file does not describe.
  public var undescribed: Int
  /// Remarks of the reader.
  public var notes: [String]

  /// The number of videos for which something was stored.
  public var stored: Int { added + replaced + beside.count }

  /// Whether something of the file is not in the ledger that should be.
  public var hasFailures: Bool { !problems.isEmpty || !differing.isEmpty }

  /// The result as text.
  public var lines: [String] {
    let names = describers.map { "imported: \($0)" }.joined(separator: ", ")
    var lines = ["\(videos) videos with \(sentences) sentences (\(names))"]
    if stored == 0 {
      lines.append("nothing to do: \(unchanged) descriptions are there already")
    } else {
      var parts = ["\(added) added"]
      if replaced > 0 { parts.append("\(replaced) replaced") }
      if !beside.isEmpty { parts.append("\(beside.count) beside another describer's") }
      parts.append("\(unchanged) there already")
      lines.append(parts.joined(separator: ", "))
    }
    if undescribed > 0 { lines.append("\(undescribed) videos of the data set are not in the file") }
    if repeatedSentences > 0 {
      lines.append("\(repeatedSentences) sentences repeat one of their video and are left out")
    }
    if repeatedEntries > 0 { lines.append("\(repeatedEntries) entries repeat another one") }
    return lines
  }

  /// What the user should look at, one line each.
  public var warnings: [String] {
    var lines = notes
    if !unmatched.isEmpty {
      lines.append(
        "\(unmatched.count) names in the file fit no video: \(ShortList.of(unmatched))")
    }
    if sentencesPastEnd > 0 {
      lines.append(
        "\(sentencesPastEnd) sentences end after their video; they are kept with their times")
    }
    if !contradictions.isEmpty {
      lines.append(
        "\(contradictions.count) entries are of another class than in the data set, whose labels "
          + "stay: \(ShortList.of(contradictions, shown: 3))")
    }
    if !beside.isEmpty {
      lines.append(
        "\(beside.count) videos keep their present description by another describer: "
          + "\(ShortList.of(beside)); --replace, or 'embed --describer "
          + "\(describers.first ?? "")', makes the imported one present")
    }
    return lines
  }

  /// What was not imported, one line each, without a limit.
  public var failures: [String] {
    differing.isEmpty
      ? problems
      : problems + [
        "\(differing.count) videos have another text by this describer, which stays: "
          + "\(ShortList.of(differing)); --replace takes the file's"
      ]
  }
}
