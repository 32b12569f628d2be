import Encoders
import Video

/// The versions that result records contain.
public enum SoftwareVersions {
  /// The version of KESS.
  public static let kess = "0.1.0"

  /// The versions of KESS and of the video libraries.
  public static var all: [String: String] {
    VideoLibraryVersions.all.merging(["kess": kess]) { own, _ in own }
  }
}

extension SnippetFeatureProvenance {
  /// A copy that names the versions in use now.
  package var writtenHere: SnippetFeatureProvenance {
    var copy = self
    copy.software = [SoftwareVersions.all]
    return copy
  }
}
