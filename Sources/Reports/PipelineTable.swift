/// The stages as a table: implementation, model, number of items, time.
struct PipelineTable {
  let stages: [ReportStage]

  var html: String {
    guard !stages.isEmpty else { return "" }
    let total = stages.compactMap(\.seconds).reduce(0, +)
    let rows = stages.map { row($0, total: total) }.joined(separator: "\n")
    let sum =
      total > 0
      ? "<p class=\"fine\">\(DecimalText.duration(total)) in all. "
        + "Built-in stages are baselines that need no weights.</p>"
      : ""
    return """
      <section><h2>Pipeline</h2>
      <div class="panel table"><table>
      <thead><tr><th scope="col">Stage</th><th scope="col">Used</th><th scope="col">Model</th>\
      <th scope="col">Key</th><th scope="col" class="n">Items</th>\
      <th scope="col" class="n">Time</th></tr></thead>
      <tbody>
      \(rows)
      </tbody></table></div>\(sum)</section>
      """
  }

  private func row(_ stage: ReportStage, total: Double) -> String {
    let model = [
      stage.model.map { "<span class=\"code\">\(HTMLText.escapedLine($0))</span>" },
      stage.revision.map {
        "<span class=\"code dim\">@ \(HTMLText.escapedLine(Self.shortened($0)))</span>"
      },
    ].compactMap { $0 }.joined(separator: " ")
    let key =
      stage.key.map {
        "<span class=\"code dim\" title=\"\(HTMLText.escapedLine($0))\">"
          + "\(HTMLText.escapedLine(Self.shortened($0)))</span>"
      } ?? ""
    var items = stage.items.map { count in
      DecimalText.grouped(count)
        + (stage.itemName.map { " <span class=\"dim\">\(HTMLText.escapedLine($0))</span>" } ?? "")
    }
    if let failed = stage.failed, failed > 0 {
      items = (items ?? "") + "<br><span class=\"failed\">\(failed) failed</span>"
    }
    let share = total > 0 ? 100 * (stage.seconds ?? 0) / total : 0
    let time = stage.seconds.map {
      "\(DecimalText.duration($0))<span class=\"bar\"><i style=\"width:"
        + "\(DecimalText.trimmed(share, digits: 1))%\"></i></span>"
    }
    return "<tr><th scope=\"row\">\(HTMLText.escapedLine(stage.stage))</th>"
      + "<td>\(Self.badge(stage.implementation))\(HTMLText.escapedLine(stage.used))</td>"
      + cell("Model", model) + cell("Key", key) + cell("Items", items ?? "", isNumber: true)
      + cell("Time", time ?? "", isNumber: true) + "</tr>"
  }

  private func cell(_ label: String, _ content: String, isNumber: Bool = false) -> String {
    content.isEmpty
      ? "<td class=\"empty\"></td>"
      : "<td data-label=\"\(label)\"\(isNumber ? " class=\"n\"" : "")>\(content)</td>"
  }

  /// The badge for a real model, a built-in substitute or an imported file.
  static func badge(_ implementation: ReportStage.Implementation?) -> String {
    switch implementation {
    case .real: "<span class=\"badge real\">real</span> "
    case .builtIn: "<span class=\"badge\">built-in</span> "
    case .imported: "<span class=\"badge\">imported</span> "
    case nil: ""
    }
  }

  /// A hash or a long name, cut for the table.
  static func shortened(_ text: String) -> String {
    text.count > 20 ? text.prefix(12) + "…" : text
  }
}
