import ArgumentParser
import CommandSupport
import Detectors
import Foundation
import Records

struct ModelsCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "The detectors that can be trained: presets, ablations and settings.",
    discussion: CommandExit.help)

  @Option(help: ArgumentHelp("Only this one, with its settings.", valueName: "name"))
  var model: String?

  @Option(
    help: ArgumentHelp("Show the settings' values under this preset.", valueName: "name"))
  var preset: String = ""

  @Flag(help: "The list as JSON.")
  var json = false

  private struct Listed: Encodable {
    struct Preset: Encodable {
      var name: String
      var summary: String
      var isBase: Bool
    }
    var name: String
    var title: String
    var reference: String
    var presets: [Preset]
    var settings: [DetectorSetting]
  }

  func execute() async throws {
    let registry = DetectorRegistry.standard
    let families = try model.map { [try registry.family($0)] } ?? registry.families
    let listed = try families.map { family in
      Listed(
        name: family.name, title: family.title, reference: family.reference,
        presets: family.presets.map {
          .init(name: $0.name, summary: $0.summary, isBase: $0.isBase)
        },
        settings: try family.settings(preset: preset))
    }
    if json {
      Console.result(try JSONRecord.encode(listed))
      return
    }
    for family in listed {
      Console.result("\(family.name): \(family.title), \(family.reference)")
      Console.result()
      var presets = TextTable(["preset", "", "what it is"])
      for preset in family.presets {
        presets.add([preset.name, preset.isBase ? "base" : "ablation", preset.summary])
      }
      for line in presets.lines { Console.result(line) }
      Console.result()
      var settings = TextTable(["setting", "value", "form", "what it is"])
      for setting in family.settings {
        settings.add([setting.key, setting.value, setting.form, setting.help])
      }
      for line in settings.lines { Console.result(line) }
      Console.result()
    }
  }
}
