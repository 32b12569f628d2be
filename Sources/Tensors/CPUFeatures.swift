import Foundation

/// What the processor can do, as far as the choice of arithmetic depends on it.
public struct CPUFeatures: Sendable, Equatable, Codable {
  /// The extensions that some path here asks for, by the kernel's names.
  public enum Feature: String, Sendable, CaseIterable, Codable {
    case avx2
    case avx512f
    case avx512bw
    case avx512dq
    case avx512vl
    case avx512VNNI = "avx512_vnni"
    case avx512BF16 = "avx512_bf16"
    case avx512FP16 = "avx512_fp16"
    case amxBF16 = "amx_bf16"
    case amxInt8 = "amx_int8"
  }

  /// The processor's own name, such as `Intel(R) Xeon(R) Processor`.
  public var name: String
  /// What it has and the operating system enables, in the order of `Feature`.
  public var features: [Feature]

  public init(name: String, features: [Feature]) {
    self.name = name
    self.features = features
  }

  /// Reads the text of `/proc/cpuinfo`: its first processor. A text without
  /// x86 flags gives no features.
  ///
  /// - Parameter cap: the last feature, in the order of `Feature`, that is kept, in upper or
  ///   lower case; an unknown name keeps none, nil keeps all.
  public init(cpuInformation text: String, cap: String? = nil) {
    func value(_ key: String) -> String? {
      for line in text.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key {
          return parts[1].trimmingCharacters(in: .whitespaces)
        }
      }
      return nil
    }
    let flags = Set((value("flags") ?? "").split(separator: " ").map(String.init))
    var allowed = Feature.allCases[...]
    if let cap {
      let last = allowed.firstIndex { $0.rawValue == cap.lowercased() }
      allowed = last.map { allowed[...$0] } ?? []
    }
    self.init(
      name: value("model name") ?? "unknown processor",
      features: allowed.filter { flags.contains($0.rawValue) })
  }

  /// This machine's processor, read once. `KESS_MAX_ISA=avx2` in the environment hides all
  /// later extensions from our own kernels and from the choice of arithmetic.
  ///
  /// oneDNN and OpenBLAS read the processor themselves; `ONEDNN_MAX_CPU_ISA=AVX2` and
  /// `OPENBLAS_CORETYPE=Haswell` cap these two.
  public static let current = CPUFeatures(
    cpuInformation: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "",
    cap: ProcessInfo.processInfo.environment["KESS_MAX_ISA"])

  public func has(_ feature: Feature) -> Bool { features.contains(feature) }

  /// Whether the AVX-512 kernels of CKernels run.
  var runsAVX512Kernels: Bool {
    has(.avx512f) && has(.avx512bw) && has(.avx512dq) && has(.avx512vl)
  }
}

/// Asked for in every pass over rows, so kept apart from the list.
let runsAVX512Kernels = CPUFeatures.current.runsAVX512Kernels
