import Encoders
import Video

/// The versions that records of results list.
public enum SoftwareVersions {
  /// This program's and its decoder's.
  public static var all: [String: String] {
    VideoLibraryVersions.all.merging(["kess": CommandExit.version]) { own, _ in own }
  }
}

extension SnippetFeatureProvenance {
  /// The same, with the versions that write now.
  var writtenHere: SnippetFeatureProvenance {
    var copy = self
    copy.software = [SoftwareVersions.all]
    return copy
  }
}
