import ArgumentParser
import CommandSupport
import Datasets
import DescriptionFeatures
import Foundation
import Pipeline
import Records
import Workspaces

/// `--levels`: which texts of a video are embedded.
struct LevelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which texts, separated by commas: whole descriptions, their sentences, the fields of structured ones, the data set's class prompts.",
      valueName: "whole,sentences,fields,classes"))
  var levels = LevelList([.whole])

  @OptionGroup var resources: ResourceOptions

  /// The levels to embed.
  var all: Set<TextLevel> { levels.levels }

  /// The classes of a workspace's data set.
  ///
  /// - Throws: `RecordError` if the workspace names no data set.
  func classes(of workspace: Workspace) throws -> [ClassDescriptor] {
    try DatasetReference.read(from: workspace).descriptor(resources: resources.folders()).classes
  }
}

/// Several levels, separated by commas.
struct LevelList: ExpressibleByArgument {
  /// The names on the command line; pieces have their own flag.
  private static let names: [(name: String, level: TextLevel)] = [
    ("whole", .whole), ("sentences", .sentence), ("fields", .field), ("classes", .classPrompt),
  ]

  var levels: Set<TextLevel>

  init(_ levels: Set<TextLevel>) { self.levels = levels }

  init?(argument: String) {
    levels = []
    for part in argument.split(separator: ",") {
      guard let match = Self.names.first(where: { $0.name == part }) else { return nil }
      levels.insert(match.level)
    }
    if levels.isEmpty { return nil }
  }

  var defaultValueDescription: String {
    Self.names.filter { levels.contains($0.level) }.map(\.name).joined(separator: ",")
  }
}
