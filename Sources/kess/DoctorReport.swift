import CommandSupport
import Descriptions
import Encoders
import Foundation
import HTTP
import Records
import Tensors
import Video

/// The state of everything on this machine that the commands use.
struct DoctorReport: Encodable {
  enum State: String, Encodable {
    case ok
    /// Something optional is not there.
    case absent
    /// Something required is not there.
    case missing
  }

  struct Finding: Encodable {
    let subject: String
    let state: State
    let detail: String
  }

  private(set) var findings: [Finding] = []

  var isComplete: Bool { !findings.contains { $0.state == .missing } }

  private mutating func add(_ subject: String, _ state: State, _ detail: String) {
    findings.append(Finding(subject: subject, state: state, detail: detail))
  }

  /// Checks everything; the network is used only for `endpoints`.
  init(endpoints: [String], resources: ResourceOptions) async {
    addMachine()
    addVideo()
    addModels()
    do {
      add("Prompts, Datasets", .ok, try resources.folders().root.path)
    } catch {
      add("Prompts, Datasets", .missing, "\(error)")
    }
    for endpoint in endpoints { await addServer(endpoint) }
  }

  private mutating func addMachine() {
    let processor = CPUFeatures.current
    let information = ProcessInfo.processInfo
    add("processor", .ok, "\(processor.name), \(information.activeProcessorCount) cores")
    add(
      "processor features", .ok,
      processor.features.isEmpty
        ? "none that a faster path needs"
        : processor.features.map(\.rawValue).joined(separator: " "))
    add("memory", .ok, "\(information.physicalMemory >> 20) MiB")
    add("f32 products", .ok, MatrixLibrary.kernels(of: .f32))
    add("f64 products", .ok, "\(MatrixLibrary.kernels) (\(MatrixLibrary.configuration))")
    for precision in LinearPrecision.allCases {
      let arithmetic = LinearArithmetic(for: precision)
      add(
        "precision \(precision.rawValue)", arithmetic.serves(precision) ? .ok : .absent,
        "computed in \(arithmetic.rawValue): \(MatrixLibrary.kernels(of: arithmetic))")
    }
  }

  private mutating func addVideo() {
    add(
      "FFmpeg", .ok,
      VideoLibraryVersions.all.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        .joined(separator: ", "))
    for codec in CodecSupport.all {
      // Every stage reads H.264; the rest depends on the user's files.
      let isRequired = codec.name == "h264"
      add(
        "codec \(codec.name)", codec.decoder != nil ? .ok : isRequired ? .missing : .absent,
        "decoder \(codec.decoder ?? "none"), encoder \(codec.encoder ?? "none")")
    }
  }

  private mutating func addModels() {
    let models = KnownModel.all()
    if models.isEmpty {
      add(
        "weights", .absent,
        "none: the built-in encoders are used; kess models get openai/clip-vit-base-patch16")
    }
    for model in models {
      add(
        "weights \(model.model)", model.problem == nil ? .ok : .absent,
        model.problem
          ?? "\(model.kind), \(model.bytes / 1_000_000) MB, \(model.precision ?? "no weights")")
    }
  }

  private mutating func addServer(_ endpoint: String) async {
    do {
      let server = ModelServer(
        endpoint: try ServerEndpoint(endpoint), client: try HTTPClient(), key: try APIKey.find(),
        timeouts: HTTPTimeouts(connectSeconds: 3, firstByteSeconds: 5, noProgressSeconds: 5))
      let models = try await server.models().map(\.id)
      add(
        "server \(server.endpoint.base)", .ok,
        models.isEmpty ? "no models" : models.joined(separator: ", "))
    } catch ServerFailure.unreachable(let reason) {
      add("server \(endpoint)", .absent, "none answers: \(reason)")
    } catch ServerFailure.unauthorized(let status) {
      add("server \(endpoint)", .absent, "HTTP \(status): set its key in KESS_API_KEY")
    } catch {
      add("server \(endpoint)", .absent, "\(error)")
    }
  }
}
