import Foundation
import HTTP

/// Fetches what a model needs from a hub into the cache: configuration and
/// tokenizer first, then the best weights. The revision's reference is written last,
/// so that a half-fetched model is not found by its name.
public struct HubModelDownload: Sendable {
  /// How far one file is.
  public struct Progress: Sendable {
    public let file: HubFile
    public let bytes: Int
  }

  /// What is there at the end.
  public struct Result: Sendable {
    public let directory: URL
    public let commit: String
    public let files: [HubFile]
  }

  private let client: HubClient
  private let cache: HubCache

  public init(client: HubClient, cache: HubCache) {
    self.client = client
    self.cache = cache
  }

  /// - Parameter progress: called from the download's own task.
  /// - Throws: `HubError`, `CancellationError`.
  public func fetch(
    _ id: HubModelID, progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws -> Result {
    let listing = try await client.listing(of: id)
    let small = listing.files.filter { HubFileSelection.isSmall($0.path) }
    try await fetch(small, of: id, commit: listing.commit, progress)
    let directory = cache.snapshot(of: id.name, commit: listing.commit)
    let weights = HubFileSelection.weights(
      among: listing.files, prefersOpenCLIP: Self.isOpenCLIPOnly(directory))
    guard !weights.isEmpty else {
      throw HubError.nothingToFetch(model: id.name, files: listing.files.map(\.path))
    }
    try await fetch(weights, of: id, commit: listing.commit, progress)
    try cache.setReference(id, commit: listing.commit)
    return Result(directory: directory, commit: listing.commit, files: small + weights)
  }

  private func fetch(
    _ files: [HubFile], of id: HubModelID, commit: String,
    _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws {
    for file in files {
      try await HubFileDownload(
        file: file, id: id, commit: commit, client: client, cache: cache,
        progress: { progress(Progress(file: file, bytes: $0)) }
      ).run()
      try cache.link(file, of: id.name, commit: commit)
    }
  }

  /// Whether the repository has open_clip's configuration and none of transformers'
  /// (timm's have weights of their own under the usual name).
  private static func isOpenCLIPOnly(_ directory: URL) -> Bool {
    struct Configuration: Decodable {
      var modelType: String?

      enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
      }
    }
    func data(_ name: String) -> Data? {
      try? Data(contentsOf: directory.appendingPathComponent(name))
    }
    guard data("open_clip_config.json") != nil else { return false }
    let stated = data("config.json").flatMap {
      try? JSONDecoder().decode(Configuration.self, from: $0)
    }
    return stated?.modelType == nil
  }
}
