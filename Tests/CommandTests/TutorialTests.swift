import Foundation
import TestSupport
import Testing

/// The pages of the repository: each command, option, table and excerpt in them is true.
enum Page {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Every page that describes the commands.
  static var all: [String] {
    get throws {
      let pages = try FileManager.default.contentsOfDirectory(
        atPath: root.appendingPathComponent("Documentation").path)
      return ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
        + pages.filter { $0.hasSuffix(".md") }.sorted().map { "Documentation/\($0)" }
    }
  }

  /// The fenced blocks of a page: the words behind the fence, and the lines.
  static func blocks(_ text: String) -> [(kind: String, lines: [String])] {
    var blocks: [(kind: String, lines: [String])] = []
    var open: (kind: String, lines: [String])?
    for line in text.components(separatedBy: "\n") {
      if let block = open {
        if line == "```" {
          blocks.append(block)
          open = nil
        } else {
          open?.lines.append(line)
        }
      } else if line.hasPrefix("```") {
        open = (String(line.dropFirst(3)), [])
      }
    }
    return blocks
  }
}

/// Documentation/tutorial.md from its first command to its last.
@Suite(.blocking) struct TutorialTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Self.render(to: folder.url)
  }

  /// The tutorial's folder of videos.
  private static func render(to root: URL) throws {
    let kinds = [
      ("Normal", "street", [1, 2, 3, 4, 5, 6], [7, 8]), ("Fighting", "fight", [1, 2], [3]),
      ("Accident", "crash", [1, 2], [3]),
    ]
    for (name, file, train, test) in kinds {
      for (split, numbers) in [("train", train), ("test", test)] {
        let place = root.appendingPathComponent("clips/\(split)/\(name)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for number in numbers {
          try SmallDataset.clip(
            to: place.appendingPathComponent("\(file)-\(number).mp4"), frames: 192,
            isAnomalous: name != "Normal", phase: number * 7)
        }
      }
    }
    try SmallDataset.clip(to: root.appendingPathComponent("new.mp4"), frames: 192)
  }

  /// Neither weights nor servers of this machine: the tutorial is about the built-in encoders.
  private var environment: [String: String] {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return [
      "PATH": "\(CommandRun.binaries.path):\(path)", "HF_HUB_CACHE": folder.file("no-hub").path,
    ]
  }

  private func run(_ script: String, whileRunning: (@Sendable (Process) -> Void)? = nil) throws
    -> CommandRun
  {
    try CommandRun.run(
      "/usr/bin/env", ["-u", "KESS_CLIP_MODEL", "sh", "-eu", "-c", script], in: folder.url,
      environment: environment, whileRunning: whileRunning)
  }

  /// Whether a run below this workspace has finished a step since `runs` were there.
  private static func hasStepped(in workspace: URL, beside runs: Set<String>) -> Bool {
    let folder = workspace.appendingPathComponent("runs")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return Set(names).subtracting(runs).contains { name in
      let steps = folder.appendingPathComponent("\(name)/steps.jsonl")
      return ((try? Data(contentsOf: steps)) ?? Data()).contains(0x0A)
    }
  }

  @Test("every command of the tutorial runs, in order, and makes the files that it names")
  func theTutorialRuns() throws {
    let text = try Page.text("Documentation/tutorial.md")
    let scripts = Page.blocks(text).filter { $0.kind.hasPrefix("sh") }
    try #require(scripts.count > 10)
    let workspace = folder.file("workspaces/clips")
    for (kind, lines) in scripts {
      let script = lines.joined(separator: "\n")
      guard kind == "sh interrupted" else {
        let run = try run(script)
        #expect(run.exitCode == 0, "\(script): \(run.standardError)")
        continue
      }
      // Ctrl-C once the training under way has made a step.
      let earlier = try Set(
        FileManager.default.contentsOfDirectory(
          atPath: workspace.appendingPathComponent("runs").path))
      let run = try run("exec \(script)") { process in
        while process.isRunning, !Self.hasStepped(in: workspace, beside: earlier) { usleep(1_000) }
        kill(process.processIdentifier, SIGINT)
      }
      #expect(run.exitCode == 130, "\(script): \(run.standardError)")
      #expect(run.standardError.contains("the same command again continues"))
    }
    // The files of the page's table, with * for what a run decides.
    for line in text.split(separator: "\n") where line.hasPrefix("| `workspaces/clips/") {
      let path = line.split(separator: "`")[1]
      let found = try run("ls -d \(path)")
      #expect(found.exitCode == 0, "the tutorial names \(path), which is not there")
    }
  }
}

/// Documentation/training.md against `train-dbm models`.
@Suite(.blocking) struct TrainingPageTests {
  private struct Family: Decodable {
    struct Preset: Decodable {
      var name: String
      var summary: String
      var isBase: Bool
    }
    struct Setting: Decodable {
      var key: String
      var form: String
      var value: String
      var help: String
    }
    var name: String
    var title: String
    var reference: String
    var presets: [Preset]
    var settings: [Setting]
  }

  private func models(_ arguments: [String]) throws -> [Family] {
    let run = try CommandRun.run("train-dbm", ["models", "--json"] + arguments, in: Page.root)
    try #require(run.exitCode == 0, "\(run.standardError)")
    return try JSONDecoder().decode([Family].self, from: Data(run.standardOutput.utf8))
  }

  private func row(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ")
      + " |"
  }

  /// The page's tables: per model the presets, and the settings with the value of each base.
  private func tables() throws -> String {
    var lines: [String] = []
    for family in try models([]) {
      lines += ["### \(family.name): \(family.title)", "", "\(family.reference)", ""]
      lines += [row(["preset", "", "what it is"]), "|---|---|---|"]
      lines += family.presets.map {
        row(["`\($0.name)`", $0.isBase ? "base" : "ablation", $0.summary])
      }
      let bases = family.presets.filter(\.isBase).map(\.name)
      let values = try bases.map {
        try models(["--model", family.name, "--preset", $0])[0].settings
      }
      lines += ["", row(["setting"] + bases.map { "`\($0)`" } + ["form", "what it is"])]
      lines += ["|" + String(repeating: "---|", count: bases.count + 3)]
      for (index, setting) in family.settings.enumerated() {
        lines.append(
          row(
            ["`\(setting.key)`"] + values.map { $0[index].value }
              + ["`\(setting.form)`", setting.help]))
      }
      lines.append("")
    }
    return (lines + [""]).joined(separator: "\n")
  }

  @Test("the page lists every preset and setting with its values (make model-tables)")
  func theTablesAreTheCommands() throws {
    let path = "Documentation/training.md"
    let page = try Page.text(path)
    let (begin, end) = ("<!-- begin: train-dbm models -->\n", "<!-- end: train-dbm models -->\n")
    let start = try #require(page.range(of: begin)?.upperBound)
    let stop = try #require(page.range(of: end)?.lowerBound)
    let wanted = "\n" + (try tables())
    if ProcessInfo.processInfo.environment["KESS_WRITE_TABLES"] == "1" {
      try Data((page[..<start] + wanted + page[stop...]).utf8)
        .write(to: Page.root.appendingPathComponent(path))
    } else {
      #expect(page[start..<stop] == wanted, "run make model-tables")
    }
  }

  @Test("models.md has every model, and names only settings and presets that it has")
  func theModelsAreDescribed() throws {
    let page = try Page.text("Documentation/models.md")
    for family in try models([]) {
      let heading = "\n## \(family.name): \(family.title)\n"
      let start = try #require(page.range(of: heading)?.upperBound, "no section of \(family.name)")
      let section = page[start...].components(separatedBy: "\n## ")[0]
      let known = Set(family.settings.map(\.key))
      // Words such as `maskedDuplicates` are values of a setting.
      let values = Set(family.settings.flatMap { $0.form.components(separatedBy: "|") })
      var checked = 0
      for match in section.matches(of: #/`([a-z]+[A-Z][A-Za-z]*)(=[^`]*)?`/#) {
        let (name, isSet) = (String(match.output.1), match.output.2 != nil)
        #expect(known.contains(name) || !isSet && values.contains(name), "\(family.name): \(name)")
        checked += 1
      }
      #expect(checked > 3, "\(family.name)")
      let list = try #require(section.range(of: "Presets:")?.upperBound, "\(family.name)")
      let presets = section[list...].matches(of: #/`([^`]+)`/#)
        .flatMap { $0.output.1.components(separatedBy: "+") }
      #expect(
        Set(presets).isSubset(of: Set(family.presets.map(\.name)))
          && Set(presets).isSuperset(of: family.presets.filter(\.isBase).map(\.name)),
        "\(family.name): \(presets)")
    }
  }
}

/// What all pages have in common.
@Suite(.blocking) struct PageTests {
  @Test("every option that a page names beside its command is in that command's help")
  func theOptionsExist() throws {
    var helps: [String: String] = [:]
    func help(_ words: [String]) throws -> String {
      let key = words.joined(separator: " ")
      if let known = helps[key] { return known }
      let text = try CommandRun.run(
        words[0], Array(words.dropFirst()) + ["--help"], in: Page.root
      ).standardOutput
      helps[key] = text
      return text
    }
    var checked = 0
    for page in try Page.all {
      for words in try Self.commands(in: Page.text(page)) {
        var path = [words[0]]
        for word in words.dropFirst().prefix(2) where !word.hasPrefix("-") {
          if try help(path).contains("\n  \(word) ") { path.append(word) }
        }
        if let standard = try help(path).firstMatch(of: #/\n  (\S+) \(default\)/#)?.output.1 {
          path.append(String(standard))
        }
        // It takes the options of `describe run`, and refers to its help.
        if path == ["describe", "retry"] { path = ["describe", "run"] }
        let options = try help(path)
        for word in words where word.hasPrefix("--") {
          let name = String(word.prefix { $0 != "=" })
          checked += 1
          #expect(
            options.firstMatch(of: try Regex("\(name)(?![a-z-])")) != nil,
            "\(page): '\(words.joined(separator: " "))': \(path.joined(separator: " ")) has no \(name)"
          )
        }
      }
    }
    #expect(checked > 60)
  }

  /// The commands in a page's blocks and inline code, as words up to a comment or a pipe.
  private static func commands(in text: String) -> [[String]] {
    let names: Set = ["kess", "describe", "embed", "train-dbm", "detect"]
    var lines = Page.blocks(text).filter { !["swift", "json"].contains($0.kind) }.flatMap(\.lines)
    let prose = text.replacing(#/(?s)\n```.*?\n```/#, with: "")
    lines += prose.matches(of: #/`([^`\n]+)`/#).map { String($0.output.1) }
    lines += prose.split(separator: "\n").filter { $0.hasPrefix("    ") }.map(String.init)
    return lines.flatMap { line in
      line.components(separatedBy: " && ").compactMap { part -> [String]? in
        let words = part.split(separator: " ").map(String.init)
          .drop { $0 == "$" }.prefix { !["#", "|", ">"].contains($0) }
        guard let first = words.first, names.contains(first), words.count > 1 else { return nil }
        return words.map { $0.filter { !"[],.".contains($0) } }.filter { !$0.isEmpty }
      }
    }
  }

  @Test("every relative link leads to a file")
  func theLinksLead() throws {
    for page in try Page.all {
      let folder = Page.root.appendingPathComponent(page).deletingLastPathComponent()
      for match in try Page.text(page).matches(of: #/\]\(([^)#]+)[^)]*\)/#) {
        let target = match.output.1
        guard !target.hasPrefix("http") else { continue }
        #expect(
          FileManager.default.fileExists(
            atPath: folder.appendingPathComponent(String(target)).path),
          "\(page) links to \(target)")
      }
    }
  }

  @Test("the programs in README.md and CONTRIBUTING.md are those that are built")
  func theExcerptsAreTheSources() throws {
    let example = try Page.text("Examples/Sources/CurveToFrames/main.swift")
    let shown = Page.blocks(try Page.text("README.md")).filter { $0.kind == "swift" }
    #expect(shown.map { $0.lines.joined(separator: "\n") + "\n" } == [example])
    let toy = try Page.text("Tests/PipelineTests/ToyDetectorTests.swift")
    let detector = try #require(
      Page.blocks(try Page.text("CONTRIBUTING.md")).first { $0.kind == "swift" })
    #expect(toy.contains(detector.lines.joined(separator: "\n")))
  }
}
