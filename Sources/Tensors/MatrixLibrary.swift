import COpenBLAS

/// The library behind the matrix products, as it is loaded now.
public enum MatrixLibrary {
  /// `OpenBLAS 0.3.21 ...`: version and build.
  public static var configuration: String {
    openblas_get_config().map { String(cString: $0) } ?? "OpenBLAS"
  }

  /// The processor whose kernels it chose: `SkylakeX`, `Haswell`, ...
  public static var kernels: String {
    openblas_get_corename().map { String(cString: $0) } ?? "unknown"
  }
}
