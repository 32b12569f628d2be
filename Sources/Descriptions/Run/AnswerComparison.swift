import Workspaces

/// Descriptions compared with each other and with their own frames.
extension DescribeWorker {
  /// Notes what the description shares with others. Sentences of measured facts are
  /// alike by nature.
  func compare(_ description: inout Description) {
    guard description.describer.kind != .builtin else { return }
    let verdict = duplicates.insert(description.text)
    if verdict.groupSize > 1 { description.findings.append(.nearDuplicate) }
    if verdict.isAlarm { description.alarmingGroup = verdict.groupSize }
  }

  /// What a request's description will be compared with; nil where nothing is compared,
  /// or where the answer is there already and no frame need be encoded.
  ///
  /// - Throws: what the ledger throws.
  func centre(
    for request: LedgerRequest, _ item: WorkItem,
    frames: () throws -> [FrameForDescription]
  ) throws -> [Float]? {
    guard let frameCheck, try ledger.answer(toRequest: request.key) == nil else { return nil }
    return checked(item) { try frameCheck.centre(of: frames()) }
  }

  /// How well a description fits its frames. Sentences of measured facts are not meant to.
  func similarity(
    of description: Description, to centre: [Float]?, in item: WorkItem
  ) async throws -> Double? {
    guard let frameCheck, let centre, description.describer.kind != .builtin else { return nil }
    let text = description.text
    // Waited for also when the run is being stopped: the answer is there. It waits for no
    // selection.
    return try await comparing.runToEnd {
      checked(item) { try frameCheck.similarity(of: text, to: centre) }
    }
  }

  /// What a comparison gives; a model that fails costs no answer.
  func checked<Value>(_ item: WorkItem, _ compare: () throws -> Value?) -> Value? {
    do {
      return try compare()
    } catch {
      checkFailure.say(
        "\(Self.reason(error, item)); descriptions are kept without a comparison with their frames")
      return nil
    }
  }
}
