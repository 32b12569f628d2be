import Foundation

/// Opens weights by what the file is, not by what it is called.
public enum TensorFiles {
  /// The extensions of PyTorch's files.
  public static let pyTorchExtensions = ["bin", "pt", "pth"]

  /// A safetensors file, a PyTorch file, or the index of several.
  ///
  /// - Throws: `TensorError` for a file that is none of these or is damaged.
  public static func open(_ url: URL) throws -> any TensorFile {
    if url.lastPathComponent.hasSuffix(".index.json") { return try ShardedTensorFile(index: url) }
    let start = try MappedFile(url: url).start(64)
    if start.starts(with: Array("version https://git-lfs".utf8)) {
      throw TensorError.unsupportedCheckpoint(
        path: url.path, found: "a Git LFS pointer in place of the weights",
        remedy: "run 'git lfs pull' in the clone, or kess models get")
    }
    let isPyTorch =
      pyTorchExtensions.contains(url.pathExtension.lowercased())
      || start.starts(with: ZipArchive.localSignature)
    return isPyTorch ? try PyTorchFile(url: url) : try SafetensorsFile(url: url)
  }
}
