import Encoders
import Foundation
import ModelHub

/// A model on this machine, as `kess models list` and `kess doctor` show it.
struct KnownModel: Encodable {
  /// The hub's id, or the folder.
  let model: String
  /// The revisions of the commit, or the commit's prefix; "-" for a folder.
  let revision: String
  let directory: String
  let kind: String
  /// The size of the weight files.
  let bytes: Int
  /// The element type of most parameters.
  let precision: String?
  /// Why it cannot be used; nil if it can.
  let problem: String?

  private init(model: String, revision: String, directory: URL) {
    let inspection = ModelInspection(of: directory)
    self.model = model
    self.revision = revision
    self.directory = directory.path
    kind = inspection.kind.rawValue
    bytes = inspection.byteCount
    precision = inspection.precision
    problem = inspection.problem
  }

  /// The folder that `KESS_CLIP_MODEL` names, then the models in the cache.
  static func all(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> [KnownModel] {
    var models: [KnownModel] = []
    if let named = environment[ModelLocator.clipVariable], !named.isEmpty {
      let folder =
        (try? ModelLocator.resolve(named, environment: environment))
        ?? URL(fileURLWithPath: named)
      models.append(
        KnownModel(
          model: "\(named) (\(ModelLocator.clipVariable))", revision: "-", directory: folder))
    }
    return models
      + HubCache.find(environment: environment).snapshots().map {
        KnownModel(
          model: $0.model,
          revision: $0.revisions.isEmpty
            ? String($0.commit.prefix(12)) : $0.revisions.joined(separator: " "),
          directory: $0.directory)
      }
  }
}
