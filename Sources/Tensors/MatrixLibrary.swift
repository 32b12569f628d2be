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

  /// The kernels behind the linear layers of an arithmetic on this processor:
  /// `oneDNN 2.6.3, avx512_vnni`.
  public static func kernels(of arithmetic: LinearArithmetic) -> String {
    let processor = CPUFeatures.current
    func widest(_ features: [CPUFeatures.Feature]) -> String {
      features.first { processor.has($0) }?.rawValue ?? "no extension"
    }
    return switch arithmetic {
    case .f32 where OneDNN.isFast:
      "oneDNN \(OneDNN.version), \(widest([.avx512f, .avx2]))"
    case .f32: "OpenBLAS, \(kernels)"
    case .bf16: "oneDNN \(OneDNN.version), \(widest([.amxBF16, .avx512BF16]))"
    case .f16: "own kernel, \(widest([.avx512FP16]))"
    case .int8 where processor.has(.amxInt8): "oneDNN \(OneDNN.version), \(widest([.amxInt8]))"
    case .int8: "own kernel, \(widest([.avx512VNNI]))"
    }
  }
}
