import Foundation
import Records
import Tensors
import TestSupport
import Testing

@Suite(.blocking) struct ModelsCommandTests {
  private static let commit = "89abcdef0123456789abcdef0123456789abcdef"
  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("EncodersTests/Golden/clip")

  /// A hub with the golden CLIP model; weights whose recorded hash is that of `recorded`.
  private func hub(recorded: Data? = nil) throws -> FaultInjectingServer {
    let names = [
      "config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json",
      "tokenizer_config.json",
    ]
    let files = try Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, try Data(contentsOf: Self.golden.appendingPathComponent($0)))
      })
    return try FaultInjectingServer(models: []) { request in
      if request.path.hasPrefix("/api/models/org/tiny/revision/main") {
        let siblings = names.map { name in
          let data = files[name] ?? Data()
          let hash = ContentHash.of(name == "model.safetensors" ? recorded ?? data : data)
          return """
            {"rfilename":"\(name)","size":\(data.count),"blobId":"\(Self.commit)",\
            "lfs":{"sha256":"\(hash)","size":\(data.count)}}
            """
        }
        return .json(
          "{\"sha\":\"\(Self.commit)\",\"siblings\":[\(siblings.joined(separator: ","))]}")
      }
      let name = request.path.split(separator: "/").last.map(String.init) ?? ""
      guard request.path.hasPrefix("/org/tiny/resolve/"), let data = files[name] else {
        return .error(404, "not found")
      }
      return .answer(status: 200, headers: [:], body: data)
    }
  }

  private func kess(_ arguments: [String], home: TemporaryFolder) throws -> CommandRun {
    try CommandRun.run(
      "kess", arguments, in: home.url,
      environment: [
        "HF_HOME": home.url.path, "HF_TOKEN": "hf_secret", "KESS_CLIP_MODEL": "",
        "HF_HUB_CACHE": "", "HF_ENDPOINT": "", "HF_HUB_OFFLINE": "",
      ])
  }

  @Test("a model is fetched, listed, verified and used by its name; damage is found")
  func aModelIsFetchedListedVerifiedAndUsed() throws {
    let hub = try hub()
    defer { hub.stop() }
    let home = try TemporaryFolder()
    let endpoint = ["--endpoint", "http://127.0.0.1:\(hub.port)"]
    let get = try kess(["models", "get", "org/tiny"] + endpoint, home: home)
    #expect(get.exitCode == 0, "\(get.standardError)")
    let snapshot = home.file("hub/models--org--tiny/snapshots/\(Self.commit)")
    #expect(get.standardOutput == snapshot.path + "\n")
    #expect(!(get.standardOutput + get.standardError).contains("hf_secret"))

    let list = try kess(["models", "list"], home: home)
    let row = list.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
    #expect(row.contains("org/tiny") && row.contains("main") && row.contains("F32"), "\(row)")
    #expect(row.hasSuffix("yes"), "\(row)")

    let encode = try kess(
      ["encode", "--clip-model", "org/tiny", "--text", "a street", "--out", "x.npy"], home: home)
    #expect(encode.exitCode == 0, "\(encode.standardError)")

    let verified = try kess(["models", "verify", "org/tiny"], home: home)
    #expect(verified.exitCode == 0 && !verified.standardOutput.contains("NO"))
    let weights = snapshot.appendingPathComponent("model.safetensors").resolvingSymlinksInPath()
    var bytes = try Data(contentsOf: weights)
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: weights)
    let damaged = try kess(["models", "verify", "org/tiny"], home: home)
    #expect(damaged.exitCode == 2)
    let lines = damaged.standardOutput.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("model.safetensors ") && $0.contains("NO: ") })
  }

  @Test("what cannot be fetched ends with the code of its kind and one line that says what to do")
  func failuresAreExplained() throws {
    let wrong = try hub(recorded: Data("other".utf8))
    defer { wrong.stop() }
    let home = try TemporaryFolder()
    let endpoint = ["--endpoint", "http://127.0.0.1:\(wrong.port)"]
    let hash = try kess(["models", "get", "org/tiny"] + endpoint, home: home)
    #expect(hash.exitCode == 65 && hash.lastError.contains("its hash is"), "\(hash.lastError)")
    let absent = try kess(["models", "get", "org/none"] + endpoint, home: home)
    #expect(absent.exitCode == 65 && absent.lastError.contains("org/none@main: not at"))
    let usage = try kess(["models", "get", "../x"] + endpoint, home: home)
    #expect(usage.exitCode == 64)
    let offline = try CommandRun.run(
      "kess", ["models", "get", "org/tiny"], in: home.url,
      environment: ["HF_HOME": home.url.path, "HF_HUB_OFFLINE": "1"])
    #expect(offline.exitCode == 69 && offline.lastError.contains("HF_HUB_OFFLINE"))
  }

  @Test("the doctor names codecs, kernels, weights and servers, and misses what is required")
  func theDoctorReports() throws {
    let server = try FaultInjectingServer(models: ["tiny-vlm"]) { _ in .hangUp }
    defer { server.stop() }
    let home = try TemporaryFolder()
    let arguments = ["doctor", "--json", "--endpoint", server.base]
    let run = try kess(arguments, home: home)
    #expect(run.exitCode == 0, "\(run.standardError)")
    struct Report: Decodable {
      struct Finding: Decodable {
        let subject: String
        let state: String
        let detail: String
      }
      let findings: [Finding]
    }
    let report = try JSONDecoder().decode(Report.self, from: Data(run.standardOutput.utf8))
    func finding(_ subject: String) throws -> Report.Finding {
      try #require(report.findings.first { $0.subject == subject }, "\(subject)")
    }
    #expect(try finding("codec h264").state == "ok")
    #expect(try finding("f64 products").detail.contains("OpenBLAS"))
    #expect(try finding("f32 products").detail == MatrixLibrary.kernels(of: .f32))
    // Which arithmetic stands behind each precision, as the encoders choose it.
    for precision in LinearPrecision.allCases {
      let arithmetic = LinearArithmetic(for: precision)
      let found = try finding("precision \(precision.rawValue)")
      #expect(found.state == (arithmetic.serves(precision) ? "ok" : "absent"))
      #expect(found.detail.hasPrefix("computed in \(arithmetic.rawValue): "))
    }
    #expect(try finding("weights").state == "absent")
    #expect(try finding("server \(server.base)").detail == "tiny-vlm")
    let lame = try kess(arguments + ["--resources", home.url.path], home: home)
    #expect(lame.exitCode == 1 && lame.standardOutput.contains("\"missing\""))
  }
}
